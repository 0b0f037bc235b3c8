package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
	"rhea/engine/relay/wire"
)

// typicalFrame is an EVENT message of the usual size, about 500 bytes.
func typicalFrame(b *testing.B) []byte {
	b.Helper()
	e := sign(b, aliceKey, nostr.Event{
		Kind: 1, Content: "an ordinary note, as long as such notes are, with \"quotes\" and a\nline break",
		Tags: nostr.Tags{{"p", keySigner(bobKey).PublicKey()}, {"t", "bird"}},
	})
	return []byte(`["EVENT","r1",` + eventJSON(b, e) + `]`)
}

// BenchmarkFrame shows what each step with a frame costs; encoding/json takes all of them.
func BenchmarkFrame(b *testing.B) {
	frame := typicalFrame(b)
	parsed, err := wire.ParseFrame(frame)
	if err != nil {
		b.Fatal(err)
	}
	raw := parsed.Event
	b.Run("split", func(b *testing.B) {
		b.SetBytes(int64(len(frame)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wire.ParseFrame(frame); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("peek", func(b *testing.B) {
		b.SetBytes(int64(len(frame)))
		b.ReportAllocs()
		var peek wire.Peek
		for b.Loop() {
			if _, ok := peek.ClaimedID(); !peek.Read(frame) {
				b.Fatal("not seen", ok)
			}
		}
	})
	b.Run("parse and hash", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wire.ParseEvent(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var parts []json.RawMessage
			var e nostr.Event
			if json.Unmarshal(frame, &parts) != nil || json.Unmarshal(parts[2], &e) != nil || !e.CheckID() {
				b.Fatal("unreadable")
			}
		}
	})
}

// BenchmarkReceive measures frames through a socket of the loopback, the relay's side included.
func BenchmarkReceive(b *testing.B) {
	for name, relays := range map[string]int{"new events": 1, "the same events from four relays": 4} {
		b.Run(name, func(b *testing.B) {
			const events = 2000
			r := make([]*relaytest.Relay, relays)
			urls := make([]string, relays)
			for i := range r {
				r[i] = relaytest.With(b, local.Options{MaxLimit: events})
				urls[i] = r[i].URL()
			}
			for i := range events {
				e := sign(b, aliceKey, nostr.Event{Kind: 1, Content: fmt.Sprint(i)})
				for _, r := range r {
					r.Publish(e)
				}
			}
			since := nostr.Timestamp(0)
			for b.Loop() {
				n := relay.New(relay.Options{Positions: newPositions()})
				ctx, cancel := context.WithCancel(b.Context())
				seen := 0
				wait, err := n.Subscribe(ctx, engine.Query{
					Stream: "bench", Relays: urls, Filters: nostr.Filters{{Since: &since, Limit: events}},
				}, func(context.Context, engine.Received) error {
					if seen++; seen == events {
						cancel()
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				wait()
				if err := n.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*events*relays), "µs/frame")
		})
	}
}
