package control

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rhea/engine"
)

// beginning is how old a socket must be to be one that nobody listens on any more, rather than one that is being made.
const beginning = time.Minute

// Visit is a conversation with a sandbox.
type Visit struct {
	Sandbox

	bot *remote
}

// Decisions returns what the sandbox has decided on an event so far, the first decision first.
func (v *Visit) Decisions(ctx context.Context, event string) ([]engine.Decision, error) {
	all, err := call[[]engine.Decision](ctx, v.bot, "/decisions", aboutEvent{event})
	slices.Reverse(all)
	return all, err
}

// Await returns when the bot listens, or when ctx ends.
func (v *Visit) Await(ctx context.Context) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		now, err := call[Sandbox](ctx, v.bot, "/sandbox", nil)
		if err != nil || now.Listening {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

// Close ends the visit.
func (v *Visit) Close() error { return v.bot.Close() }

// Sandboxes returns the sandboxes of this user that run now, the newest first. Each visit must be closed.
func Sandboxes(ctx context.Context) ([]*Visit, error) {
	folder := sandboxFolder()
	names, err := filepath.Glob(filepath.Join(folder, "*.sock"))
	if err != nil || len(names) == 0 {
		return nil, err
	}
	if err := isOwn(folder); err != nil {
		return nil, err
	}
	var found []*Visit
	for _, name := range names {
		if v := visit(ctx, name); v != nil {
			found = append(found, v)
		}
	}
	slices.SortFunc(found, func(a, b *Visit) int { return b.Started.Compare(a.Started) })
	return found, nil
}

// visit returns nil for a sandbox that has ended. What a killed one has left is removed.
func visit(ctx context.Context, address string) *Visit {
	bot, err := dialSocket(ctx, address)
	if err != nil {
		return nil
	}
	if bot == nil {
		if info, err := os.Lstat(address); err == nil && time.Since(info.ModTime()) > beginning {
			_ = os.Remove(address) // Whoever comes next tries again.
		}
		return nil
	}
	about, err := call[Sandbox](ctx, bot, "/sandbox", nil)
	if err != nil {
		_ = bot.Close() // It is ending.
		return nil
	}
	return &Visit{about, bot}
}
