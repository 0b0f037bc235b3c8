package delivery

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestTheWordsOfARejectionDecideNothing reads rejections by their type alone: the same text means what its code says.
func TestTheWordsOfARejectionDecideNothing(t *testing.T) {
	t.Parallel()
	old := nostr.Event{CreatedAt: nostr.Timestamp(time.Now().Add(-5 * time.Minute).Unix())}
	for _, reason := range []string{"", "pow: 28 bits, too old, blocked: no", "created_at", "Mehr Arbeit, bitte"} {
		for code, want := range map[engine.OKCode]meaning{
			"": final, "replaced": final, engine.CodePoW: needsPoW, engine.CodeBadTimestamp: badTimestamp, engine.CodeBlocked: blockedIdentity,
			engine.CodeRestricted: blockedIdentity, engine.CodeAuthRequired: blockedIdentity,
		} {
			v := judge(&engine.Rejection{Code: code, Reason: reason, PoW: 9, NotBefore: time.Now().Add(-time.Minute)})
			if v.meaning != want || v.bits != 9 || v.reason != reason || !v.tooOld(old) {
				t.Errorf("%q with code %q: %+v, want %d", reason, code, v, want)
			}
		}
		if v := judge(&engine.Refusal{Reason: reason}); v.meaning != refused {
			t.Errorf("a refusal with %q means %d", reason, v.meaning)
		}
	}
}

// TestNoAnswerIsNoDelivery forgets to judge: the event counts as undelivered and stays owed.
func TestNoAnswerIsNoDelivery(t *testing.T) {
	t.Parallel()
	d := engine.Delivery{Event: nostr.Event{ID: "a", PubKey: "b"}, Relay: "wss://relay.example"}
	for _, v := range []answer{{}, judge(errors.New("lost"))} {
		l := New(Options{Log: slog.New(slog.DiscardHandler)}).relay(d.Relay)
		if s := l.settle(d, v, turn{number: 1}, time.Now()); s.State != engine.Pending && s.State != engine.Retrying || s.Next.IsZero() {
			t.Errorf("%+v settles as %+v", v, s)
		}
	}
	var f progress
	all := newTracker(nil)
	f.flying, f.relays, f.quorum = 1, 1, 1
	if n := all.end(&f, d, engine.Settlement{}, false, true); n.first || n.delivered || f.accepted != 0 {
		t.Errorf("a settlement of nothing counts as delivered: %+v", n)
	}
}
