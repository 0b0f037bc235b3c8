package relay_test

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/relaytest"
)

var errPrivate = errors.New("refused: a private network")

// TestGuard has a guard that allows one relay on 127.0.0.1. Nothing is sent to the other one, whatever address its name
// resolved to before.
func TestGuard(t *testing.T) {
	t.Parallel()
	named, strange := relaytest.New(t), relaytest.New(t)
	byName := strings.Replace(strange.URL(), "127.0.0.1", "localhost", 1)
	var mu sync.Mutex
	asked := make(map[string]netip.Addr)
	n := relay.New(relay.Options{Positions: newPositions(), Guard: func(relay string, to netip.Addr) error {
		mu.Lock()
		defer mu.Unlock()
		asked[relay] = to
		if relay != named.URL() && to.IsLoopback() {
			return errPrivate
		}
		return nil
	}})
	t.Cleanup(func() { _ = n.Close() })
	if err := n.Publish(t.Context(), named.URL(), note(t, "hello")); err != nil {
		t.Errorf("the relay that the operator has named: %v", err)
	}
	for _, url := range []string{strange.URL(), byName} {
		err := n.Publish(t.Context(), url, note(t, "hello"))
		if _, ok := errors.AsType[*engine.Unreachable](err); !ok || !errors.Is(err, errPrivate) {
			t.Errorf("publishing to %s: %v", url, err)
		}
		if _, err := n.Fetch(t.Context(), []string{url}, nostr.Filter{Kinds: []int{1}}); !errors.Is(err, errPrivate) {
			t.Errorf("asking %s: %v", url, err)
		}
		mu.Lock()
		if to := asked[url]; !to.IsLoopback() || to.Is4In6() {
			t.Errorf("the guard was asked about %s at %s", url, to)
		}
		mu.Unlock()
	}
	if n := strange.Connections(); n != 0 {
		t.Errorf("%d connections with a relay that the guard refuses", n)
	}
}
