package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/ledger/memory"
)

// history is a state file that is only read.
type history interface {
	memory.Base
	recorded(ctx context.Context, rule, key string) (*engine.Decision, error)
	// keys are the keys of signals that begin so, each once.
	keys(ctx context.Context, prefix string) ([]string, error)
	Close() error
}

func readState(path string) (history, error) {
	reader, err := control.OpenReader(path)
	if errors.Is(err, fs.ErrNotExist) {
		return blank{memory.New()}, nil
	}
	if err != nil {
		return nil, err
	}
	return stateHistory{reader}, nil
}

// blank is the state of a bot that never ran.
type blank struct{ *memory.Ledger }

func (blank) recorded(context.Context, string, string) (*engine.Decision, error) { return nil, nil }

func (blank) keys(context.Context, string) ([]string, error) { return nil, nil }

type stateHistory struct{ ledger.Reader }

// wholeHistory is more than a history has.
const wholeHistory = 1 << 20

func (s stateHistory) keys(ctx context.Context, prefix string) ([]string, error) {
	all, err := s.History(ctx, engine.HistoryQuery{Event: prefix, Limit: wholeHistory})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, d := range all {
		if isEventID(d.Key) && strings.HasPrefix(d.Key, prefix) && !slices.Contains(keys, d.Key) {
			keys = append(keys, d.Key)
		}
	}
	return keys, nil
}

// recorded returns the newest decision on a signal that is not merely that it came again.
func (s stateHistory) recorded(ctx context.Context, rule, key string) (*engine.Decision, error) {
	if key == "" {
		return nil, nil
	}
	all, err := s.History(ctx, engine.HistoryQuery{Rule: rule, Event: key, Limit: wholeHistory})
	if err != nil {
		return nil, err
	}
	var repeated *engine.Decision
	for i := range all {
		if all[i].Key != key {
			continue
		}
		if all[i].Outcome != engine.Duplicate {
			return &all[i], nil
		}
		repeated = &all[i]
	}
	return repeated, nil
}

// before is a state as it was before a decision was made.
type before struct {
	history
	rule     string
	decision *engine.Decision
}

// Seen forgets the claim that the decision made.
func (b before) Seen(ctx context.Context, rule, key string) (bool, error) {
	if rule == b.rule && key == b.decision.Key && b.decision.Outcome != engine.Duplicate {
		return false, nil
	}
	return b.history.Seen(ctx, rule, key)
}

// Position leaves out what was noted at that time or later: that a rule is held, that it flooded, that strangers are
// slowed down, that the author wrote stop.
func (b before) Position(ctx context.Context, stream string) (string, error) {
	value, err := b.history.Position(ctx, stream)
	if err != nil || value == "" {
		return value, err
	}
	var noted time.Time
	switch what, _, _ := strings.Cut(stream, "/"); what {
	case "hold", "crowd":
		h, _ := engine.ParseHold(value)
		if noted = h.Since; b.stoppedBy(what) {
			return value, nil
		}
	case "flood":
		noted, _ = time.Parse(time.RFC3339Nano, value) // What cannot be read counts as old.
	case "opt_out":
		if fields := strings.Fields(value); len(fields) >= 3 {
			if fields[2] == b.decision.Key {
				return "", nil
			}
			noted, _ = time.Parse(time.RFC3339, fields[1])
		}
	case "restless":
		var r struct{ Heard time.Time }
		if json.Unmarshal([]byte(value), &r) == nil && !b.stoppedBy("patience") {
			noted = r.Heard
		}
	default:
		return value, nil
	}
	if !noted.IsZero() && !noted.Truncate(time.Millisecond).Before(b.decision.At) {
		return "", nil
	}
	return value, nil
}

// stoppedBy reports whether a gate stopped the signal.
func (b before) stoppedBy(gate string) bool {
	return slices.ContainsFunc(b.decision.Gates, func(v engine.Verdict) bool { return v.Gate == gate && !v.Pass })
}

// Counted forgets what came later. What was made in the same millisecond is the decision's own, unless it made nothing.
func (b before) Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error) {
	times, err := b.history.Counted(ctx, counter, after)
	return slices.DeleteFunc(times, func(t time.Time) bool {
		return t.After(b.decision.At) || t.Equal(b.decision.At) && b.decision.Outcome != engine.RateLimited
	}), err
}
