package bot_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
)

// crowdedBench has answered as many newcomers as it may, and turned one down. then goes on from there.
func crowdedBench(t *testing.T, source engine.Source, then func(emit func(...engine.Signal))) *bench {
	t.Helper()
	b := wordBench()
	b.source, b.rule.FloodStop = source, []engine.Rate{{Count: 9, Per: 10 * time.Minute}}
	b.script.then = func(ctx context.Context, in engine.Intake) {
		then(func(signals ...engine.Signal) {
			for _, s := range signals {
				if err := in.Emit(ctx, s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var first []engine.Signal
	for i := range 7 {
		first = append(first, said(t, i, "first"))
	}
	b.feed2(t, time.Minute, first...)
	return b
}

// author is the public key of the nth author.
func author(t *testing.T, n int) string { return said(t, n, "").Event.PubKey }

// crowdOf is what the ledger says of the crowd.
func crowdOf(t *testing.T, b *bench) string {
	t.Helper()
	value, err := b.ledger.Position(t.Context(), engine.CrowdStream(signer(botKey).PublicKey()))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestOldProfilesSpeak has two people with a profile write twice in a crowd: one profile is older than the crowd.
func TestOldProfilesSpeak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := crowdedBench(t, people{profiles: map[string]nostr.Timestamp{
			author(t, 50): nostr.Now() - 3600, author(t, 51): nostr.Now(),
		}}, func(emit func(...engine.Signal)) {
			emit(said(t, 50, "looked up"), said(t, 51, "looked up"))
			<-time.After(time.Second)
			emit(said(t, 50, "old"), said(t, 51, "new"))
		})
		if got := b.wire.texts()[6:]; !slices.Equal(got, []string{"old"}) {
			t.Errorf("answered after the first six: %q", got)
		}
	})
}

// TestStopInACrowd has a newcomer say stop when nobody but known people is answered.
func TestStopInACrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := crowdedBench(t, nil, func(emit func(...engine.Signal)) { emit(word(t, 50, "stop"), word(t, 51, "hello")) })
		if got := b.wire.texts()[6:]; !slices.Equal(got, []string{"bye"}) {
			t.Errorf("said after the first six: %q", got)
		}
	})
}

// TestFewAreLookedUpInACrowd has 200 newcomers write within a second.
func TestFewAreLookedUpInACrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := new(enginetest.Source)
		crowdedBench(t, source, func(emit func(...engine.Signal)) {
			for i := range 200 {
				emit(said(t, 100+i, "hello"))
			}
		})
		asked := make(map[string]bool)
		for _, f := range source.Fetched() {
			if slices.Contains(f.Kinds, nostr.KindProfileMetadata) {
				for _, author := range f.Authors {
					asked[author] = true
				}
			}
		}
		if n := len(asked); n < 50 || n > 7+50 {
			t.Errorf("%d authors were looked up, want 50 of the 200", n)
		}
	})
}

// TestManyOverTheRateAreACrowd turns newcomers away by the rate of a rule.
func TestManyOverTheRateAreACrowd(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{40: false, 70: true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.rule.Limit.Rate = []engine.Rate{{Count: 6, Per: time.Hour}}
			var signals []engine.Signal
			for i := range n {
				signals = append(signals, said(t, i, "hello"))
			}
			b.feed2(t, time.Minute, signals...)
			if crowd := crowdOf(t, b); (crowd != "") != want {
				t.Errorf("%d newcomers: the crowd is %q", n, crowd)
			}
		})
	}
}
