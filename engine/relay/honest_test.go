package relay_test

import (
	"testing"

	"rhea/engine"
	"rhea/engine/relay/relaytest"
)

func TestStoredAndLiveEventsAreDelivered(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	stored := note(t, "stored")
	r.Publish(stored)
	l := newClient(t, newPositions(), nil).listen(engine.Query{}, r.URL())
	got := l.want(stored)
	if got[0].Relay != r.URL() || got[0].Verify() != nil {
		t.Errorf("got %+v", got[0])
	}
	live := note(t, "live")
	r.Publish(live)
	l.want(live)
}

func TestPublishedEventArrives(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	c := newClient(t, newPositions(), nil)
	e := note(t, "hello")
	for range 2 { // The second time it is a duplicate.
		if err := c.Publish(t.Context(), r.URL(), e); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.Local.Events(); len(got) != 1 || got[0].ID != e.ID {
		t.Errorf("the relay has %v", got)
	}
}
