package bot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
)

// TestTroubled has a trigger fail for an hour. One failure is no trouble; its end counts when it has run for a while.
func TestTroubled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		b := newBench()
		b.rule.Triggers[0].Kind = engine.NewTriggerKind[struct{}, noteData]("script", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
			return triggerFunc(func(ctx context.Context, _ engine.Intake) error {
				if time.Since(began) < time.Hour {
					return errors.New("no such list")
				}
				<-ctx.Done()
				return nil
			}), nil
		})
		e, err := bot.New(bot.Options{
			Rules:      []engine.Rule{b.rule},
			Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer(botKey)}}}),
			Ledger:     memory.New(), Publisher: b.wire,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		at := func(later time.Duration) []bot.Trouble {
			<-time.After(time.Until(began.Add(later)))
			synctest.Wait()
			return e.Troubled()
		}
		if got := at(time.Second / 2); len(got) > 0 {
			t.Errorf("after one failure: %+v", got)
		}
		got := at(30 * time.Minute)
		if len(got) != 1 || got[0].Rule != "rule" || got[0].Trigger != "script" || !got[0].Since.Equal(began) ||
			got[0].Failures < 10 || got[0].Err.Error() != "no such list" {
			t.Errorf("after half an hour: %+v", got)
		}
		if got := at(time.Hour + 4*time.Minute); len(got) != 1 {
			t.Errorf("just started again: %+v", got)
		}
		if got := at(time.Hour + 15*time.Minute); len(got) > 0 {
			t.Errorf("well again: %+v", got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
