package profile

import (
	"context"
	"fmt"

	"rhea/engine"
)

// data carries what is to be said from the trigger to the action.
type data struct {
	engine.Scope
	draft engine.Draft
}

type say struct{}

var _ engine.Action = say{}

// Act implements [engine.Action].
func (say) Act(_ context.Context, run engine.Run) (engine.Result, error) {
	d, ok := run.Data.(*data)
	if !ok {
		return engine.Result{}, fmt.Errorf("a profile is said by its own trigger, not by %T", run.Data)
	}
	return engine.Result{Drafts: []engine.Draft{d.draft}}, nil
}
