package relay_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

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
		!slices.Equal(p.Refused, []int{0, 7}) || p.Date.Year() != 2015 {
		t.Errorf("%+v", p)
	}
	for body, status := range map[string]int{"{}": 404, "": 200, "null": 200, "[]": 200, "<html>": 200, strings.Repeat(" ", 300<<10): 200} {
		if p, err := inform(t, status, body); err == nil || p.Date.IsZero() {
			t.Errorf("%d %.10q: %+v, %v", status, body, p, err)
		}
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
		if p.PoW < 0 || slices.ContainsFunc(p.Refused, func(kind int) bool { return kind < 0 }) {
			t.Errorf("%+v", p)
		}
	})
}
