package engine_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"rhea/engine"
)

// CountConfig is what stands below `count:`.
type CountConfig struct {
	// To is the last number.
	To int `yaml:"to"`
}

// CountData is what the expressions of a rule see: ${{ number }}.
type CountData struct {
	engine.Scope
	// Number is the number that was reached.
	Number int `expr:"number"`
}

type counter struct {
	to    int
	setup engine.Setup
}

// Run implements [engine.Trigger].
func (c counter) Run(ctx context.Context, in engine.Intake) error {
	for n := 1; n <= c.to; n++ {
		now := time.Now()
		err := engine.EmitUntilStored(ctx, in, c.setup, func() engine.Signal {
			return engine.Signal{Key: fmt.Sprint(n), Time: now, Data: &CountData{Number: n}}
		})
		if err != nil {
			return engine.UnlessDone(ctx, err)
		}
	}
	<-ctx.Done()
	return nil
}

// A kind of trigger: what is below its key in the configuration, what expressions see, and how it is built.
func ExampleNewTriggerKind() {
	kind := engine.NewTriggerKind[CountConfig, CountData]("count", CountConfig{To: 3},
		func(c CountConfig, s engine.Setup) (engine.Trigger, error) {
			if c.To < 1 {
				return nil, engine.At("to", fmt.Errorf("%d is no number to count to; write 1 or more", c.To))
			}
			return counter{c.To, s}, nil
		})
	_, err := kind.Build(CountConfig{To: 0}, engine.Setup{})
	fmt.Println(kind.Name, kind.Defaults)
	fmt.Println(err)
	// Output:
	// count {3}
	// to: 0 is no number to count to; write 1 or more
}

// ShoutConfig is what stands below `shout:`.
type ShoutConfig struct {
	// Text is what to say. It may hold ${{ … }}.
	Text engine.Text `yaml:"text"`
}

type shout struct{ ShoutConfig }

// Act implements [engine.Action].
func (s shout) Act(_ context.Context, run engine.Run) (engine.Result, error) {
	text, err := s.Text.Eval(run.Data)
	if err != nil {
		return engine.Result{}, err
	}
	return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: text + "!"}}}, nil
}

// A kind of action: it returns drafts, which the engine signs and publishes.
func ExampleNewActionKind() {
	kind := engine.NewActionKind("shout", ShoutConfig{}, func(c ShoutConfig) (engine.Action, error) {
		if c.Text.IsZero() {
			return nil, engine.Required("text")
		}
		return shout{c}, nil
	})
	text := engine.NewText("hello", func(engine.Data) (string, error) { return "hello", nil })
	action, err := kind.Build(ShoutConfig{Text: text})
	if err != nil {
		log.Fatal(err)
	}
	result, err := action.Act(context.Background(), engine.Run{Data: &CountData{}})
	fmt.Println(result.Drafts[0].Content, err)
	// Output: hello! <nil>
}
