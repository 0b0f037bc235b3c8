package cmd

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// TestHideTokens shows relays' addresses in all kinds of texts. What is no relay's address stays as it is.
func TestHideTokens(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"wss://relay.example":                                 "wss://relay.example",
		"wss://relay.example?token=s3cret":                    "wss://relay.example?token=…",
		"WSS://Relay.Example/a?Token=s3cret&v=1":              "WSS://Relay.Example/a?Token=…&v=…",
		"ws://[::1]:7777/a?s3cret":                            "ws://[::1]:7777/a?…",
		"wss://r.example?t=s3cret==&u=a?b=s3cret":             "wss://r.example?t=…&u=…",
		"wss://r.example?":                                    "wss://r.example?",
		"wss://r.example?a=&b":                                "wss://r.example?a=…&…",
		"wss://r.example?token=…":                             "wss://r.example?token=…",
		`connect: "wss://r.example?t=s3cret": refused`:        `connect: "wss://r.example?t=…": refused`,
		"wss://r.example?t=s3cret: no; wss://s.example":       "wss://r.example?t=…: no; wss://s.example",
		"[wss://r.example?t=s3cret wss://s.example?u=s3cret]": "[wss://r.example?t=… wss://s.example?u=…]",
		"'wss://r.example?t=s'3cret'":                         "'wss://r.example?t=…'",
		`{"relay":"wss://r.example?t=s3cret\u0026v=1"}`:       `{"relay":"wss://r.example?t=…&v=…"}`,
		"what? https://a.example/?v=1":                        "what? https://a.example/?v=1",
		"wss://r.example\n?t=1":                               "wss://r.example\n?t=1",
	} {
		if got := hideTokens(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// TestMeant names relays by what is shown of them.
func TestMeant(t *testing.T) {
	t.Parallel()
	l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	entry := engine.Entry{Rule: "r", Key: "k", Decision: engine.Decision{At: time.Now(), Rule: "r", Key: "k", Outcome: engine.Fired}}
	for _, relay := range []string{"wss://one.example?t=1", "wss://two.example?t=1", "wss://two.example?t=2"} {
		entry.Deliveries = append(entry.Deliveries, engine.Delivery{Rule: "r", Event: nostr.Event{ID: "e"}, Relay: relay, Quorum: 1, Committed: time.Now()})
	}
	if _, err := l.Commit(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	for shown, want := range map[string]string{
		"wss://one.example?t=…":   "wss://one.example?t=1",
		"wss://one.example?t=1":   "wss://one.example?t=1",
		"wss://other.example?t=…": "wss://other.example?t=…",
		"wss://two.example?t=…":   "several relays",
	} {
		got, err := shownRelay(t.Context(), l.Reader, shown)
		if err != nil {
			got = err.Error()
		}
		if got != want && !(err != nil && strings.Contains(got, want)) {
			t.Errorf("%s means %s, want %s", shown, got, want)
		}
	}
}

// TestTablesMeasureWhatTheyShow has a long token in a cell: the table is as wide as what is shown of it.
func TestTablesMeasureWhatTheyShow(t *testing.T) {
	t.Parallel()
	list := table{columns: []column{{title: "RELAY", least: 16}, {title: "LINK"}}}
	list.add("wss://relay.example?token="+strings.Repeat("s3cret", 20), "up")
	var b strings.Builder
	list.write(&b)
	if !strings.Contains(b.String(), "wss://relay.example?token=…  up") {
		t.Errorf("the table is\n%s", &b)
	}
}
