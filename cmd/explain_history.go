package cmd

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

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
	all, err := s.History(ctx, engine.HistoryQuery{Rule: rule, Limit: wholeHistory})
	if err != nil {
		return nil, err
	}
	var repeated *engine.Decision
	for i := range all {
		if all[i].Key != key || key == "" {
			continue
		}
		if all[i].Outcome != engine.Duplicate {
			return &all[i], nil
		}
		repeated = &all[i]
	}
	return repeated, nil
}
