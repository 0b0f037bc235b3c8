package control

import (
	"context"
	"errors"
)

// Connect returns the controls of the bot that runs on the state file at path (running), or else a [Controller] of the
// state itself, which it opens; the options name no state then. It makes no state file.
func Connect(ctx context.Context, path string, o Options) (c Controls, running bool, err error) {
	bot, err := dial(ctx, path)
	if err != nil {
		return nil, false, err
	}
	if bot != nil {
		return bot, true, nil
	}
	r, err := OpenReader(path)
	if err != nil {
		return nil, false, err
	}
	if err := r.Close(); err != nil {
		return nil, false, err
	}
	if o.State, err = Open(path); err != nil {
		return nil, false, err
	}
	return New(o), false, nil
}

// Ask returns the live status of the bot that runs on the state file at path, nil when none does.
func Ask(ctx context.Context, path string) (_ *LiveStatus, err error) {
	bot, err := dial(ctx, path)
	if err != nil || bot == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bot.Close()) }()
	live, err := bot.Status(ctx)
	if err != nil {
		return nil, err
	}
	return &live, nil
}
