package relay_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay"
)

func inform(t *testing.T, status int, body string) (relay.Policy, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/nostr+json" {
			t.Errorf("Accept is %q", r.Header.Get("Accept"))
		}
		w.Header().Set("Date", "Wed, 21 Oct 2015 07:28:00 GMT")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return relay.Inform(t.Context(), server.Client(), "ws"+strings.TrimPrefix(server.URL, "http"))
}

func TestInform(t *testing.T) {
	t.Parallel()
	p, err := inform(t, 200, `{"payments_url": 5, "limitation": {"auth_required": true, "payment_required": "yes",
		"min_pow_difficulty": "20"}, "retention": [{"kinds": [0, 7, [40, 49]], "time": 0}, {"kinds": [1], "time": 3600}, 7]}`)
	if err != nil {
		t.Fatal(err)
	}
	if !p.AuthRequired || p.PaymentRequired || p.PaymentsURL != "" || p.PoW != 20 ||
		!slices.Equal(p.Refused, [][2]int{{0, 0}, {7, 7}, {40, 49}}) || p.Date.Year() != 2015 {
		t.Errorf("%+v", p)
	}
	for body, status := range map[string]int{"{}": 404, "": 200, "null": 200, "[]": 200, "<html>": 200, strings.Repeat(" ", 300<<10): 200} {
		if p, err := inform(t, status, body); err == nil || p.Date.IsZero() {
			t.Errorf("%d %.10q: %+v, %v", status, body, p, err)
		}
	}
}

// TestObjections checks in what ways events violate a policy.
func TestObjections(t *testing.T) {
	t.Parallel()
	p, err := inform(t, 200, `{"limitation": {"max_content_length": 5, "max_event_tags": 1, "max_message_length": 400,
		"created_at_lower_limit": 3600, "created_at_upper_limit": 60}, "retention": [{"kinds": [7, [40, 49]], "time": 0}]}`)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_770_000_000, 0)
	note := nostr.Event{Kind: 1, CreatedAt: nostr.Timestamp(now.Unix()), Content: "héllo", Tags: nostr.Tags{{"t", "a"}}}
	for want, change := range map[string]func(*nostr.Event){
		"":                                func(*nostr.Event) {},
		"does not keep events of kind 42": func(e *nostr.Event) { e.Kind = 42 },
		"does not keep events of kind 7":  func(e *nostr.Event) { e.Kind = 7 },
		"takes 5 characters of text, and this has 6": func(e *nostr.Event) { e.Content += "!" },
		"takes 1 tags, and this has 2":               func(e *nostr.Event) { e.Tags = nostr.Tags{{"t"}, {"t"}} },
		"takes 400 bytes, and this has 481":          func(e *nostr.Event) { e.Tags = nostr.Tags{{"t", strings.Repeat("a", 400)}} },
		"takes no events older than 1h":              func(e *nostr.Event) { e.CreatedAt -= 3601 },
		"takes no events dated more than 1m ahead":   func(e *nostr.Event) { e.CreatedAt += 61 },
	} {
		e := note
		change(&e)
		if got := strings.Join(p.Objections(&e, now), "; "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (relay.Policy{}).Objections(&note, now); got != nil {
		t.Errorf("a relay that says nothing objects: %q", got)
	}
}

// answering is a server that always says the same.
type answering []byte

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(string(a)))}, nil
}

func FuzzInform(f *testing.F) {
	f.Add([]byte(`{"limitation":{"min_pow_difficulty":1e300}}`))
	f.Add([]byte(`{"retention":[{"time":0,"kinds":[1,[2,3],-1]}],"limitation":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, _ := relay.Inform(context.Background(), &http.Client{Transport: answering(body)}, "wss://relay.example")
		if p.PoW < 0 || slices.ContainsFunc(p.Refused, func(kinds [2]int) bool { return kinds[0] < 0 || kinds[1] < 0 }) {
			t.Errorf("%+v", p)
		}
	})
}
