package bot_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/nbd-wtf/go-nostr/nip13"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/relaytest"
)

// meddler lets the operator act while the outbox waits for a relay, or right after a relay has refused an event.
type meddler struct {
	*relay.Network
	awaited, refused func(relay string)
}

func (m *meddler) Await(ctx context.Context, r, pubkey string) error {
	err := m.Network.Await(ctx, r, pubkey)
	// Before a new date the wait is short; else only the end of an outage is waited for.
	if until, _ := ctx.Deadline(); err == nil && m.awaited != nil && time.Until(until) <= 10*time.Second {
		m.awaited(r)
	}
	return err
}

func (m *meddler) Pipeline(ctx context.Context, r string, e nostr.Event, sent func()) error {
	err := m.Network.Pipeline(ctx, r, e, sent)
	if err != nil && m.refused != nil {
		m.refused(r)
	}
	return err
}

// drop gives a delivery up by hand, as the operator's verbs do.
func (p *post) drop(text, relay string) {
	for d, err := range p.ledger.Deliveries(p.tb.Context(), engine.Pending, engine.Retrying) {
		if err != nil {
			p.tb.Error(err)
		}
		if d.Event.Content != text || d.Relay != relay {
			continue
		}
		if err := p.ledger.Drop(p.tb.Context(), d.Event.ID, relay); err != nil {
			p.tb.Error(err)
		}
		p.engine.Dropped(d.Event.ID, relay)
	}
}

// TestWhatIsDroppedMeanwhileIsNotSent drops a note while it is about to be dated anew, or mined.
func TestWhatIsDroppedMeanwhileIsNotSent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		moody relaytest.Behaviour
		away  time.Duration
		other bool // another relay takes the note at once, so that it is not dated anew
		heard int
	}{
		"while a relay is awaited":               {relaytest.Behaviour{}, 5 * time.Hour, false, 0},
		"while a relay is awaited, not replaced": {relaytest.Behaviour{}, 5 * time.Hour, true, 0},
		"while it is mined":                      {demands(8, "pow: 8 bits needed"), time.Second, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				one := p.relay("one.test", tt.moody)
				two := p.relay("two.test")
				if !tt.other {
					two.Stop()
				}
				one.Stop()
				written := time.Now()
				p.publisher = func(n *relay.Network) engine.Publisher {
					m := &meddler{Network: n}
					hook := func(r string) {
						if r == one.URL() {
							p.drop("note", r)
						}
					}
					if tt.heard == 0 {
						m.awaited = hook
					} else {
						m.refused = func(r string) {
							if len(one.Heard("EVENT")) > 0 {
								hook(r)
							}
						}
					}
					return m
				}
				p.start()
				p.write("note")
				wait(tt.away)
				one.Start()
				wait(time.Hour)
				if n := heard(one, "note"); n != tt.heard {
					t.Errorf("the note was sent %d times, want %d", n, tt.heard)
				}
				if d := p.owed("note", one); d.State != engine.GivenUp {
					t.Errorf("the note is %s %q", d.State, d.Reason)
				}
				p.stop()
				if took := time.Since(written) - tt.away - time.Hour; took > time.Minute {
					t.Errorf("the end took %s", took)
				}
			})
		})
	}
}

// TestANewDateKeepsTheWork dates a note anew that its action wanted mined.
func TestANewDateKeepsTheWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		p.rule.PoW.Bits = 4 // That is for what relays ask for.
		p.writes(func(text string) engine.Draft { return engine.Draft{Kind: 1, Content: text, PoW: 8} })
		r := p.relay("one.test")
		r.Stop()
		p.start()
		written := time.Now()
		p.write("note")
		wait(5 * time.Hour)
		r.Start()
		wait(10 * time.Minute)
		e := p.owed("note", r).Event
		if e.CreatedAt.Time().Sub(written) < time.Hour || nip13.Check(e.ID, 8) != nil || len(e.Tags) != 1 || e.Tags[0][2] != "8" {
			t.Errorf("sent %v", e)
		}
		if kept := r.Local.Query(nostr.Filter{}); len(kept) != 1 || kept[0].ID != e.ID {
			t.Errorf("the relay has %v", kept)
		}
	})
}

// TestAChosenDateStays has a note wait that its action has dated.
func TestAChosenDateStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		chosen := nostr.Now() - 7200
		p.writes(func(text string) engine.Draft { return engine.Draft{Kind: 1, Content: text, CreatedAt: chosen} })
		r := p.relay("one.test")
		r.Stop()
		p.start()
		p.write("note")
		wait(5 * time.Hour)
		r.Start()
		wait(10 * time.Minute)
		if d := p.owed("note", r); d.State != engine.Accepted || d.Event.CreatedAt != chosen {
			t.Errorf("%s, dated %d, want %d", d.State, d.Event.CreatedAt, chosen)
		}
	})
}
