package relaytest_test

import (
	"errors"
	"testing"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/relay"
	"rhea/engine/relay/relaytest"
)

// A relay that hangs up on the first connection and wants work on the second.
func ExampleNew() {
	testPublisher := func(t *testing.T) {
		r := relaytest.New(t,
			relaytest.OnConnection(1, relaytest.KillOn("EVENT")),
			relaytest.OnConnection(2, relaytest.OK(false, "pow: 20 bits needed")))
		network := relay.New(relay.Options{})
		t.Cleanup(func() { _ = network.Close() })

		if err := network.Publish(t.Context(), r.URL(), enginetest.Note(t, "hello")); err == nil {
			t.Error("the relay hung up, and no error says so")
		}
		var rejection *engine.Rejection
		err := network.Publish(t.Context(), r.URL(), enginetest.Note(t, "hello"))
		if !errors.As(err, &rejection) || rejection.PoW != 20 {
			t.Errorf("Publish = %v, want a rejection that asks for 20 bits", err)
		}
	}
	_ = testPublisher // The body of a func TestPublisher(t *testing.T).
}
