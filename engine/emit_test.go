package engine_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
)

// TestWhatIsNotStoredIsHandedInAgain has the ledger fail for a while: the tries come ever more rarely, each with fresh
// data. A single pass tries once.
func TestWhatIsNotStoredIsHandedInAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		once bool
		want []int // in seconds
	}{
		"a bot that runs": {false, []int{0, 1, 3, 7, 15, 31, 63, 123, 183}},
		"a single pass":   {true, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var tried []int
				full, began := errors.New("disk full"), time.Now()
				in := &enginetest.Intake{Refuse: func(s engine.Signal) error {
					tried = append(tried, int(s.Time.Sub(began).Seconds()))
					if len(tried) < 9 {
						return full
					}
					return nil
				}}
				err := engine.EmitUntilStored(t.Context(), in, engine.Setup{Once: tt.once, Log: slog.New(slog.DiscardHandler)}, func() engine.Signal {
					return engine.Signal{Key: "1", Time: time.Now()}
				})
				if errors.Is(err, full) != tt.once || err != nil && !tt.once {
					t.Errorf("it ends with %v", err)
				}
				if !slices.Equal(tried, tt.want) {
					t.Errorf("tried after %d seconds, want %d", tried, tt.want)
				}
			})
		})
	}
}
