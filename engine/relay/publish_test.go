package relay_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// verdict names what an error of Publish means to the outbox.
func verdict(err error) string {
	var rejection *engine.Rejection
	var later *engine.Later
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &rejection):
		return "rejected"
	case errors.As(err, &later):
		if later.After < 30*time.Second {
			return "too soon"
		}
		return "later"
	default:
		return "unknown"
	}
}

// TestVerdicts is the table of OK messages.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	ok := relaytest.OK
	for name, tt := range map[string]struct {
		relay relaytest.Behaviour
		want  string
	}{
		"accepted":                  {relaytest.Behaviour{}, "done"},
		"true with duplicate":       {ok(true, "duplicate: have this event"), "done"},
		"true with anything":        {ok(true, "blocked: but true"), "done"},
		"duplicate":                 {ok(false, "duplicate: already have this event"), "done"},
		"duplicate without space":   {ok(false, "duplicate:"), "done"},
		"three elements":            {relaytest.Answer("EVENT", `["OK","{{ID}}",true]`), "done"},
		"three elements, false":     {relaytest.Answer("EVENT", `["OK","{{ID}}",false]`), "unknown"},
		"five elements":             {relaytest.Answer("EVENT", `["OK","{{ID}}",true,"",{}]`), "done"},
		"another id first":          {relaytest.Before("OK", relaytest.Say("OK", strings.Repeat("0", 64), false, "blocked: x")), "done"},
		"malformed first":           {relaytest.Before("OK", `["OK","{{ID}}","true"]`), "done"},
		"twice":                     {relaytest.Repeat("OK"), "done"},
		"a notice first":            {relaytest.Before("OK", `["NOTICE","hm"]`), "done"},
		"blocked":                   {ok(false, "blocked: not on the list"), "rejected"},
		"restricted":                {ok(false, "restricted: members only"), "rejected"},
		"invalid":                   {ok(false, "invalid: created_at too late"), "rejected"},
		"pow":                       {ok(false, "pow: 26 bits needed"), "rejected"},
		"replaced":                  {ok(false, "replaced: have newer event"), "rejected"},
		"deleted":                   {ok(false, "deleted: user requested deletion"), "rejected"},
		"mute":                      {ok(false, "mute: no one was listening for this"), "rejected"},
		"rate-limited":              {ok(false, "rate-limited: slow down there"), "later"},
		"error":                     {ok(false, "error: database is locked"), "unknown"},
		"no prefix":                 {ok(false, "event is expired"), "unknown"},
		"unknown prefix":            {ok(false, "rejected: because"), "unknown"},
		"a date without a prefix":   {ok(false, "rejected: created_at"), "rejected"},
		"connection dies":           {relaytest.KillOn("EVENT"), "unknown"},
		"handshake refused":         {relaytest.Refuse(http.StatusForbidden), "unknown"},
		"auth-required, no success": {ok(false, "auth-required: who"), "rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				err := newClient(t, newPositions(), net.DialContext).Publish(t.Context(), r.URL(), note(t, "hello"))
				if got := verdict(err); got != tt.want {
					t.Errorf("%s: %v, want %s", got, err, tt.want)
				}
			})
		})
	}
}

func TestWithoutAnAnswerTheSameBytesAreSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.Answer("EVENT", `["NOTICE","rate limit exceeded"]`))
		start := time.Now()
		err := newClient(t, newPositions(), net.DialContext).Publish(t.Context(), r.URL(), note(t, "hello"))
		if verdict(err) != "unknown" || !strings.Contains(err.Error(), "rate limit exceeded") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 20*time.Second {
			t.Errorf("gave up after %s", took)
		}
		if sent := r.Heard("EVENT"); len(sent) != 2 || sent[0] != sent[1] {
			t.Errorf("sent %q", sent)
		}
	})
}

func TestASecondSendingCanSucceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.AnswerTimes(1, "EVENT"))
		if err := newClient(t, newPositions(), net.DialContext).Publish(t.Context(), r.URL(), note(t, "x")); err != nil {
			t.Error(err)
		}
	})
}

func TestAuthenticationToWrite(t *testing.T) {
	t.Parallel()
	r := relaytest.With(t, local.Options{AuthToWrite: true})
	c := newClient(t, newPositions(), nil)
	for _, text := range []string{"one", "two"} {
		if err := c.Publish(t.Context(), r.URL(), sign(t, botKey, nostr.Event{Kind: 1, Content: text})); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.Heard("AUTH")); n != 1 {
		t.Errorf("authenticated %d times, want once", n)
	}
	// Alice is no identity of ours.
	if err := c.Publish(t.Context(), r.URL(), note(t, "hello")); verdict(err) != "rejected" {
		t.Errorf("got %v", err)
	}
}

func TestAuthenticationThatChangesNothingIsARejection(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]relaytest.Behaviour{
		"asked again after success": relaytest.Answer("AUTH", `["OK","{{ID}}",true,""]`),
		"refused":                   relaytest.Answer("AUTH", `["OK","{{ID}}",false,"restricted: no"]`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := relaytest.New(t, relaytest.Greet(`["AUTH","c"]`), relaytest.OK(false, "auth-required: who"), b)
			c := newClient(t, newPositions(), nil)
			e := sign(t, botKey, nostr.Event{Kind: 1})
			for range 2 {
				if err := c.Publish(t.Context(), r.URL(), e); verdict(err) != "rejected" {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestManyPublishAtOnce(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	c := newClient(t, newPositions(), nil)
	same := note(t, "the same")
	var publishing sync.WaitGroup
	for _, e := range append(numbered(t, 30), same, same, same) {
		publishing.Go(func() {
			if err := c.Publish(t.Context(), r.URL(), e); err != nil {
				t.Error(err)
			}
		})
	}
	publishing.Wait()
	if n := len(r.Local.Events()); n != 31 {
		t.Errorf("the relay has %d events, want 31", n)
	}
	if n := r.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestUnusedConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		c := newClient(t, newPositions(), net.DialContext)
		for want := range 3 {
			if err := c.Publish(t.Context(), r.URL(), note(t, "x")); err != nil {
				t.Fatal(err)
			}
			if got := r.Connections(); got != want+1 {
				t.Errorf("%d connections, want %d", got, want+1)
			}
			pass(time.Minute)
			if got := r.Open(); got != 1 {
				t.Errorf("%d open connections a minute after the last use, want 1", got)
			}
			pass(5 * time.Minute)
			if got := r.Open(); got != 0 {
				t.Errorf("%d open connections five minutes after the last use, want none", got)
			}
		}
	})
}

func TestAnUnreachableRelayFailsSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		c := newClient(t, newPositions(), net.DialContext)
		for range 20 {
			start := time.Now()
			if err := c.Publish(t.Context(), "ws://nowhere.test", note(t, "x")); verdict(err) != "unknown" {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took > 15*time.Second {
				t.Errorf("took %s", took)
			}
		}
		if err := c.Publish(t.Context(), "nowhere", note(t, "x")); verdict(err) != "rejected" {
			t.Errorf("got %v", err)
		}
	})
}

func TestPublishEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.Ignore("EVENT"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := newClient(t, newPositions(), net.DialContext).Publish(ctx, r.URL(), note(t, "x"))
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %s", err, took)
		}
	})
}
