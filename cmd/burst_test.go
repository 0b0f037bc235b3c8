package cmd_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/relaytest"
)

// TestABurstHidesNothing has a relay that stores nothing say forty thousand events of one author that no condition wants, at full speed,
// before the one that the rule waits for.
func TestABurstHidesNothing(t *testing.T) {
	t.Parallel()
	var burst []relaytest.Message
	for n := range 40_000 {
		e := nostr.Event{Kind: 20001, CreatedAt: nostr.Now(), Content: fmt.Sprint("noise ", n), PubKey: strings.Repeat("1", 64)}
		e.ID, e.Sig = e.GetID(), strings.Repeat("a", 128) // Nobody looks at its signature.
		burst = append(burst, relaytest.Say("EVENT", "{{ID}}", e))
	}
	served, listening := serving(20001)
	loud := relaytest.New(t, relaytest.Before("EVENT", burst...), served)
	quiet := watch(t)
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: echo
    trigger: { nostr: { kinds: [20001], relays: [%s] } }
    if: event.kind == 20001 and event.content contains "hello"
    actions: [ { publish: { content: "heard: ${{ event.content }}" } } ]
`, quiet.url, loud.URL()))
	start(t, t.Context(), dir, "run", "--log-level", "info")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the loud relay had %d connections and heard %v", loud.Connections(), loud.Heard("REQ"))
		}
	})
	select {
	case <-listening: // Before the relay has taken the subscription, an event that it does not store is lost.
	case <-time.After(time.Minute):
		t.Fatal("nobody has asked for what the rule wants")
	}
	hello := nostr.Event{Kind: 20001, CreatedAt: nostr.Now(), Content: "hello"}
	if err := hello.Sign(visitorSecret); err != nil {
		t.Fatal(err)
	}
	loud.Publish(hello)
	quiet.until(t, time.Minute, func() bool {
		notes := quiet.notes()
		return len(notes) == 1 && notes[0] == "heard: hello"
	})
}

// serving closes the channel when a relay has said all that it has of a kind: what is published from then on is sent to
// whoever asked.
func serving(kind int) (relaytest.Behaviour, <-chan struct{}) {
	asked, all := make(map[string]bool), make(chan struct{})
	var mu sync.Mutex
	var once sync.Once
	return relaytest.Behaviour{
		Hears: func(_ *relaytest.Conn, m relaytest.Message) bool {
			mu.Lock()
			defer mu.Unlock()
			for _, f := range m.Filters() {
				asked[m.ID()] = asked[m.ID()] || slices.Contains(f.Kinds, kind)
			}
			return true
		},
		Says: func(_ *relaytest.Conn, m relaytest.Message) []relaytest.Message {
			mu.Lock()
			defer mu.Unlock()
			if m.Label() == "EOSE" && asked[m.ID()] {
				once.Do(func() { close(all) })
			}
			return []relaytest.Message{m}
		},
	}, all
}
