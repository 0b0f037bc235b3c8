package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// kindPoll is the kind of a poll (NIP-88).
const kindPoll = 1068

// PollConfig is what stands below `poll:`.
type PollConfig struct {
	// Question is what is asked.
	Question engine.Text `yaml:"question"`
	// Options are the answers to choose from.
	Options engine.Strings `yaml:"options"`
	// Open is how long votes count.
	Open engine.Duration `yaml:"open"`
}

// Poll is the action that asks a question with several answers (NIP-88).
func Poll() engine.ActionKind {
	return engine.NewActionKind("poll", PollConfig{}, newPoll)
}

func newPoll(c PollConfig) (engine.Action, error) {
	var mistakes error
	if c.Question.IsZero() {
		mistakes = errors.Join(mistakes, engine.Required("question"))
	}
	if c.Options.IsZero() {
		mistakes = errors.Join(mistakes, engine.Required("options"))
	}
	return &poll{c}, mistakes
}

type poll struct{ PollConfig }

var _ engine.Action = (*poll)(nil)

// Act implements [engine.Action].
func (p *poll) Act(_ context.Context, run engine.Run) (engine.Result, error) {
	question, err := p.Question.Eval(run.Data)
	if err != nil {
		return engine.Result{}, fmt.Errorf("question: %w", err)
	}
	options, err := p.Options.Eval(run.Data)
	if err != nil {
		return engine.Result{}, fmt.Errorf("options: %w", err)
	}
	if len(options) < 2 {
		return engine.Result{}, fmt.Errorf("a poll needs two options or more, not %d", len(options))
	}
	tags := nostr.Tags{{"polltype", "singlechoice"}}
	for i, label := range options {
		tags = append(tags, nostr.Tag{"option", strconv.Itoa(i + 1), label})
	}
	for _, relay := range run.Relays {
		tags = append(tags, nostr.Tag{"relay", relay}) // Where the votes are counted.
	}
	if p.Open > 0 {
		ends := run.Now.Add(p.Open.Std()).Unix()
		tags = append(tags, nostr.Tag{"endsAt", strconv.FormatInt(ends, 10)})
	}
	return engine.Result{Drafts: []engine.Draft{{Kind: kindPoll, Content: question, Tags: tags}}}, nil
}
