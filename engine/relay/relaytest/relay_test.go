package relaytest_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

func event(t *testing.T, text string) nostr.Event {
	t.Helper()
	e := nostr.Event{Kind: 1, Content: text, CreatedAt: nostr.Now()}
	if err := e.Sign(strings.Repeat("0", 63) + "1"); err != nil {
		t.Fatal(err)
	}
	return e
}

// converse says each message and returns everything heard until the relay has answered the last one.
func converse(t *testing.T, r *relaytest.Relay, said ...relaytest.Message) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, r.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	// The relay takes messages in order, so the answer to this one comes last.
	said = append(said, `["END","x"]`)
	for _, m := range said {
		if err := conn.Write(ctx, websocket.MessageText, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	var heard []string
	for {
		_, b, err := conn.Read(ctx)
		if err != nil {
			return append(heard, "end")
		}
		if strings.Contains(string(b), "unknown message") {
			return heard
		}
		heard = append(heard, relaytest.Message(b).Label()+" "+relaytest.Message(b).ID())
	}
}

func TestBehaviours(t *testing.T) {
	t.Parallel()
	e := event(t, "hello")
	req, send := relaytest.Say("REQ", "a", nostr.Filter{}), relaytest.Say("EVENT", e)
	none := relaytest.Say("REQ", "a", nostr.Filter{LimitZero: true})
	for name, tt := range map[string]struct {
		behaviours []relaytest.Behaviour
		say        relaytest.Message
		want       string
	}{
		"honest":             {nil, req, "EVENT a, EOSE a"},
		"never EOSE":         {[]relaytest.Behaviour{relaytest.NeverEOSE()}, req, "EVENT a"},
		"EOSE twice":         {[]relaytest.Behaviour{relaytest.Repeat("EOSE")}, req, "EVENT a, EOSE a, EOSE a"},
		"forged first":       {[]relaytest.Behaviour{relaytest.ForgeFirst()}, req, "EVENT a, EVENT a, EOSE a"},
		"refused":            {[]relaytest.Behaviour{relaytest.CloseOnce(1, "error: x")}, req, "CLOSED a"},
		"ignored":            {[]relaytest.Behaviour{relaytest.Ignore("REQ")}, req, ""},
		"killed":             {[]relaytest.Behaviour{relaytest.KillOn("REQ")}, req, "end"},
		"greeting":           {[]relaytest.Behaviour{relaytest.Greet(`["AUTH","c"]`)}, req, "AUTH c, EVENT a, EOSE a"},
		"verdict":            {[]relaytest.Behaviour{relaytest.OK(false, "blocked: x")}, send, "OK " + e.ID},
		"before":             {[]relaytest.Behaviour{relaytest.Before("EOSE", `["NOTICE","x"]`)}, req, "EVENT a, NOTICE x, EOSE a"},
		"slip":               {[]relaytest.Behaviour{relaytest.Slip(e)}, req, "EVENT a, EVENT a, EOSE a"},
		"in order":           {[]relaytest.Behaviour{relaytest.Repeat("EVENT"), relaytest.ForgeFirst()}, req, "EVENT a, EVENT a, EVENT a, EVENT a, EOSE a"},
		"another connection": {[]relaytest.Behaviour{relaytest.OnConnection(2, relaytest.NeverEOSE())}, req, "EVENT a, EOSE a"},
		"this connection":    {[]relaytest.Behaviour{relaytest.OnConnection(1, relaytest.NeverEOSE())}, req, "EVENT a"},
		"after":              {[]relaytest.Behaviour{relaytest.After("EOSE", `["NOTICE","x"]`)}, req, "EVENT a, EOSE a, NOTICE x"},
		"reordered":          {[]relaytest.Behaviour{relaytest.Replace("EVENT", `["COUNT","1"]`, `["COUNT","2"]`), relaytest.Reorder("COUNT")}, req, "COUNT 2, COUNT 1, EOSE a"},
		"lost":               {[]relaytest.Behaviour{relaytest.Drop("EVENT")}, req, "EOSE a"},
		"replaced":           {[]relaytest.Behaviour{relaytest.Replace("EOSE", `["EOSE","{{ID}}!"]`)}, req, "EVENT a, EOSE a!"},
		"true, not kept":     {[]relaytest.Behaviour{relaytest.TrueWithoutKeeping()}, send, "OK " + e.ID},
		"answered once":      {[]relaytest.Behaviour{relaytest.AnswerTimes(1, "REQ", `["NOTICE","x"]`)}, req, "NOTICE x"},
		"no subscriptions":   {[]relaytest.Behaviour{relaytest.LimitSubscriptions(0, `["CLOSED","{{ID}}","x"]`)}, req, "CLOSED a"},
		"one subscription":   {[]relaytest.Behaviour{relaytest.LimitSubscriptions(1, `["CLOSED","{{ID}}","x"]`)}, req, "EVENT a, EOSE a"},
		"filters refused":    {[]relaytest.Behaviour{relaytest.RefuseFilters("x", func(nostr.Filter) bool { return true })}, req, "CLOSED a"},
		"filters taken":      {[]relaytest.Behaviour{relaytest.RefuseFilters("x", func(nostr.Filter) bool { return false })}, req, "EVENT a, EOSE a"},
		"limits kept":        {nil, none, "EOSE a"},
		"limits ignored":     {[]relaytest.Behaviour{relaytest.IgnoreLimits()}, none, "EVENT a, EOSE a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := relaytest.New(t, tt.behaviours...)
			r.Publish(e)
			var heard []string
			for _, h := range converse(t, r, tt.say) {
				if !strings.HasPrefix(h, "NOTICE") || strings.HasSuffix(h, " x") {
					heard = append(heard, h)
				}
			}
			if got := strings.Join(heard, ", "); got != tt.want {
				t.Errorf("heard %q, want %q", got, tt.want)
			}
		})
	}
}

// TestForgeries shows what becomes of an event on its way.
func TestForgeries(t *testing.T) {
	t.Parallel()
	e := event(t, "hello")
	for name, tt := range map[string]struct {
		relay      relaytest.Behaviour
		id, signed bool
	}{
		"honest":           {relaytest.Behaviour{}, true, true},
		"forged id":        {relaytest.ForgeIDs(), false, true},
		"forged signature": {relaytest.ForgeSignatures(), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := relaytest.New(t, tt.relay)
			r.Publish(e)
			conn, _, err := websocket.Dial(t.Context(), r.URL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.CloseNow() }()
			write(t, conn, relaytest.Say("REQ", "a", nostr.Filter{}))
			_, b, err := conn.Read(t.Context())
			got, ok := relaytest.Message(b).Event()
			if err != nil || !ok {
				t.Fatalf("heard %s, %v", b, err)
			}
			if signed, _ := got.CheckSignature(); got.CheckID() != tt.id || signed != tt.signed {
				t.Errorf("got %s", b)
			}
		})
	}
}

// TestForget shows a subscription that is answered once and then gets nothing that is new.
func TestForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		on := new(atomic.Bool)
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.Forget(on))
		conn := dialIn(t, net, r)
		hear := func(want string) {
			t.Helper()
			if _, b, err := conn.Read(t.Context()); err != nil || relaytest.Message(b).Label() != want {
				t.Fatalf("heard %s, %v, want %s", b, err, want)
			}
		}
		write(t, conn, relaytest.Say("REQ", "a", nostr.Filter{}))
		hear("EOSE")
		r.Publish(event(t, "one"))
		hear("EVENT")
		on.Store(true)
		r.Publish(event(t, "forgotten"))
		synctest.Wait()
		on.Store(false)
		last := event(t, "two")
		r.Publish(last)
		if _, b, err := conn.Read(t.Context()); err != nil || relaytest.Message(b).ID() != "a" || !strings.Contains(string(b), last.ID) {
			t.Errorf("heard %s, %v", b, err)
		}
	})
}

func TestForgeriesLookRight(t *testing.T) {
	t.Parallel()
	e := event(t, "hello")
	forged := relaytest.Forged(e)
	if ok, err := forged.CheckSignature(); ok && err == nil {
		t.Error("the forged signature is good")
	}
	if forged.ID != e.ID || len(forged.Sig) != 128 {
		t.Errorf("forged %v", forged)
	}
}

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	e := event(t, "kept")
	r.Publish(e)
	for i := range 3 {
		if got := fmt.Sprint(converse(t, r, relaytest.Say("REQ", "a", nostr.Filter{}))); got != "[EVENT a EOSE a]" {
			t.Errorf("heard %s", got)
		}
		r.Stop()
		r.Stop()
		if conn, _, err := websocket.Dial(t.Context(), r.URL(), nil); err == nil {
			t.Error("connected to a relay that is down")
			_ = conn.CloseNow()
		}
		r.Start()
		if got := r.Connections(); got != i+1 {
			t.Errorf("%d connections, want %d", got, i+1)
		}
	}
	if n := len(r.Heard("REQ")); n != 3 {
		t.Errorf("%d REQs, want 3", n)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t, relaytest.Delay("EOSE", 50*time.Millisecond))
	start := time.Now()
	converse(t, r, relaytest.Say("REQ", "a", nostr.Filter{}))
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Errorf("took %s", took)
	}
}
