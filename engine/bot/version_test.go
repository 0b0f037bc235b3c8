package bot_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/relaytest"
)

// writes lets the bot make drafts of its own for the texts it is given.
func (p *post) writes(draft func(text string) engine.Draft) {
	p.rule.Steps[0].Action = actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
		return engine.Result{Drafts: []engine.Draft{draft(run.Data.(*noteData).Text)}}, nil
	})
}

func article(text string) engine.Draft {
	return engine.Draft{Kind: 30023, Content: text, Tags: nostr.Tags{{"d", "slug"}}}
}

// TestAnOlderVersionNeverOvertakes writes two versions while their relay is away for more than an hour.
func TestAnOlderVersionNeverOvertakes(t *testing.T) {
	t.Parallel()
	for name, draft := range map[string]func(string) engine.Draft{
		"addressable": article,
		"replaceable": func(text string) engine.Draft { return engine.Draft{Kind: 0, Content: text} },
	} {
		for _, restart := range []bool{false, true} {
			t.Run(name+", restarted "+strconv.FormatBool(restart), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := newPost(t)
					p.writes(draft)
					r := p.relay("one.test")
					r.Stop()
					p.start()
					p.write("first")
					wait(40 * time.Minute)
					written := time.Now()
					p.write("second")
					wait(42 * time.Minute)
					if restart {
						p.stop()
						p.start()
					}
					r.Start()
					wait(10 * time.Minute)
					kept := r.Local.Query(nostr.Filter{})
					if len(kept) != 1 || kept[0].Content != "second" || kept[0].CreatedAt != nostr.Timestamp(written.Unix()) {
						t.Errorf("the relay has %v", kept)
					}
					if d := p.owed("first", r); d.State != engine.GivenUp || !strings.Contains(d.Reason, p.owed("second", r).Event.ID) {
						t.Errorf("the first version is %s %q", d.State, d.Reason)
					}
					if n := heard(r, "first"); n != 0 {
						t.Errorf("the first version was sent %d times", n)
					}
					if strings.Contains(p.log.String(), "too few relays") {
						t.Error("the superseded version counts as not delivered")
					}
				})
			})
		}
	}
}

// TestAVersionKeepsItsDate waits for hours with one version, which another client may have replaced meanwhile.
func TestAVersionKeepsItsDate(t *testing.T) {
	t.Parallel()
	for name, moody := range map[string]relaytest.Behaviour{
		"away":        {},
		"dislikes it": once(false, "invalid: created_at too old"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				p.writes(article)
				r := p.relay("one.test", moody)
				r.Stop()
				p.start()
				written := time.Now()
				p.write("only")
				wait(5 * time.Hour)
				r.Start()
				wait(10 * time.Minute)
				if d := p.owed("only", r); d.Event.CreatedAt != nostr.Timestamp(written.Unix()) {
					t.Errorf("the version of %s is dated %s", written, d.Event.CreatedAt.Time())
				}
			})
		})
	}
}

// TestVersionsOfOneSecond gives every version a second of its own, also when the one before is still owed by an
// earlier run, or is committed together with it.
func TestVersionsOfOneSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		p.rule.Steps[0].Action = actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
			text := run.Data.(*noteData).Text
			return engine.Result{Drafts: []engine.Draft{article(text), article(text + ", corrected")}}, nil
		})
		r := p.relay("one.test")
		r.Stop()
		p.start()
		p.write("1", "2", "3")
		p.stop()
		p.start()
		p.write("4", "5")
		last := nostr.Timestamp(0)
		for _, text := range []string{"1", "2", "3", "4", "5"} {
			for _, version := range []string{text, text + ", corrected"} {
				at := p.owed(version, r).Event.CreatedAt
				if at <= last {
					t.Errorf("version %s is dated %d, the one before %d", version, at, last)
				}
				last = at
			}
		}
		r.Start()
		wait(10 * time.Minute)
		if kept := r.Local.Query(nostr.Filter{}); len(kept) != 1 || kept[0].Content != "5, corrected" {
			t.Errorf("the relay has %v", kept)
		}
	})
}

// TestWhatHasExpiredIsNotSent has a relay that is away until a note is of no use any more.
func TestWhatHasExpiredIsNotSent(t *testing.T) {
	t.Parallel()
	for text, tt := range map[string]struct {
		tag  nostr.Tag
		sent int
	}{
		"live":    {nostr.Tag{"expiration", "30m"}, 0},
		"later":   {nostr.Tag{"expiration", "8h"}, 1},
		"strange": {nostr.Tag{"expiration", "soon"}, 1},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				p.writes(func(text string) engine.Draft {
					tag := tt.tag
					if span, err := time.ParseDuration(tag[1]); err == nil {
						tag = nostr.Tag{"expiration", strconv.FormatInt(time.Now().Add(span).Unix(), 10)}
					}
					return engine.Draft{Kind: 1, Content: text, Tags: nostr.Tags{tag}}
				})
				r := p.relay("one.test")
				r.Stop()
				p.start()
				p.write(text)
				wait(5 * time.Hour)
				r.Start()
				wait(10 * time.Minute)
				if n := heard(r, text); n != tt.sent {
					t.Errorf("it was sent %d times, want %d", n, tt.sent)
				}
				if d := p.owed(text, r); tt.sent == 0 && (d.State != engine.GivenUp || !strings.HasPrefix(d.Reason, "expired")) {
					t.Errorf("it is %s %q", d.State, d.Reason)
				}
			})
		})
	}
}

// TestWhatExpiresInTheQueueIsNotAnswered has notes wait for a limit, one of them beyond its use.
func TestWhatExpiresInTheQueueIsNotAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		short := eventSignal(expiring(t, 30*time.Minute), fine)
		short.Data = &noteData{Text: "short"}
		b := newBench(said(t, 1, "first"), short, said(t, 2, "last"))
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.rule.Steps[0].Action = repeater()
		b.run(t, 3*time.Hour)
		if got, want := b.wire.texts(), []string{"first", "last"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
		if got := b.watcher.outcomes(); !slices.Contains(got, engine.TooOld) {
			t.Errorf("outcomes: %v", got)
		}
		if left, err := b.ledger.Waiting(t.Context(), "rule", 0, 10); err != nil || len(left) > 0 {
			t.Errorf("still waiting: %v, %v", left, err)
		}
	})
}
