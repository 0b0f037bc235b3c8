package relay_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	n := relay.New(relay.Options{Positions: memory.New()})
	t.Cleanup(func() { n.Close() })
	if all := n.Status(); len(all) != 0 {
		t.Errorf("before it is used the network has %v", all)
	}
	if _, err := n.Fetch(t.Context(), []string{r.URL()}, nostr.Filter{Kinds: []int{1}}); err != nil {
		t.Fatal(err)
	}
	all := n.Status()
	if len(all) != 1 || !all[0].Up || all[0].URL != r.URL() || all[0].Failure != "" || !all[0].Next.IsZero() {
		t.Errorf("a relay that answered is %+v", all)
	}
	const nobody = "ws://127.0.0.1:1"
	if _, err := n.Fetch(t.Context(), []string{nobody}, nostr.Filter{Kinds: []int{1}}); err == nil {
		t.Fatal("nobody answered")
	}
	all = n.Status()
	if len(all) != 2 || all[0].URL != nobody || all[0].Up || all[0].Failure == "" || time.Until(all[0].Next) <= 0 {
		t.Errorf("a relay that is not there is %+v", all)
	}
}

// TestARedirectIsReportedWithoutItsQuery has a server repeat the query, which may hold a token, in another address.
func TestARedirectIsReportedWithoutItsQuery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := relaytest.NewNetwork()
		r := wire.New(t, "one.test", local.Options{}, relaytest.Behaviour{Upgrade: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "https://two.test/inbox?"+r.URL.RawQuery, http.StatusMovedPermanently)
			return true
		}})
		c := newClient(t, newPositions(), wire.DialContext)
		c.listen(engine.Query{}, r.URL()+"/?token=hunter2")
		pass(10 * time.Second)
		if got := c.Status()[0].Failure; !strings.Contains(got, `redirects to "https://two.test/inbox";`) {
			t.Errorf("the status is %q", got)
		}
	})
}
