package bot

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/identity"
)

// TestTheWordsOfARejectionDecideNothing reads rejections by their type alone: the same text means what its code says.
func TestTheWordsOfARejectionDecideNothing(t *testing.T) {
	t.Parallel()
	old := nostr.Event{CreatedAt: nostr.Timestamp(time.Now().Add(-5 * time.Minute).Unix())}
	for _, reason := range []string{"", "pow: 28 bits, too old, blocked: no", "created_at", "Mehr Arbeit, bitte"} {
		for code, want := range map[engine.OKCode]meaning{
			"": final, "replaced": final, engine.CodePoW: laborious, engine.CodeMisdated: misdated, engine.CodeBlocked: barred,
			engine.CodeRestricted: barred, engine.CodeAuthRequired: barred,
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

// TestNoVerdictIsNoDelivery forgets to judge: the event counts as undelivered and stays owed.
func TestNoVerdictIsNoDelivery(t *testing.T) {
	t.Parallel()
	d := engine.Delivery{Event: nostr.Event{ID: "a", PubKey: "b"}, Relay: "wss://relay.example"}
	for _, v := range []verdict{{}, judge(errors.New("lost"))} {
		l := newOutbox(Options{Log: slog.New(slog.DiscardHandler), Identities: identity.New(identity.Options{})}).lane(d.Relay)
		if s := l.settle(d, v, time.Now()); s.State != engine.Pending && s.State != engine.Retrying || s.Next.IsZero() {
			t.Errorf("%+v settles as %+v", v, s)
		}
	}
	var f fate
	all := newFates(nil)
	f.flying, f.relays, f.quorum = 1, 1, 1
	if n := all.end(&f, d, engine.Settlement{}, false, true); n.first || n.delivered || f.accepted != 0 {
		t.Errorf("a settlement of nothing counts as delivered: %+v", n)
	}
}
