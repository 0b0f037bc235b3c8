package relaytest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// dialIn connects to a relay of a network inside a bubble.
func dialIn(t *testing.T, net *relaytest.Network, r *relaytest.Relay) *websocket.Conn {
	t.Helper()
	transport := &http.Transport{DialContext: net.DialContext}
	conn, _, err := websocket.Dial(t.Context(), r.URL(), &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { _ = conn.CloseNow(); transport.CloseIdleConnections() })
	return conn
}

func write(t *testing.T, conn *websocket.Conn, m relaytest.Message) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(m)); err != nil {
		t.Fatal(err)
	}
}

func TestSlowness(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay       relaytest.Behaviour
		least, most time.Duration
	}{
		"honest":        {relaytest.Behaviour{}, 0, 0},
		"delays":        {relaytest.Delay("EOSE", time.Minute), time.Minute, time.Minute},
		"delays all":    {relaytest.Delay("", time.Minute), 2 * time.Minute, 2 * time.Minute},
		"reads slowly":  {relaytest.SlowRead(4, time.Second), 5 * time.Second, time.Minute},
		"writes slowly": {relaytest.SlowWrite(40, time.Second), 8 * time.Second, 25 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				r.Publish(event(t, "hello"))
				conn := dialIn(t, net, r)
				start := time.Now()
				write(t, conn, relaytest.Say("REQ", "a", nostr.Filter{}))
				for _, want := range []string{"EVENT", "EOSE"} {
					_, b, err := conn.Read(t.Context())
					if got := relaytest.Message(b).Label(); err != nil || got != want {
						t.Fatalf("heard %s, %v, want %s", b, err, want)
					}
				}
				if took := time.Since(start); took < tt.least || took > tt.most {
					t.Errorf("took %s, want %s to %s", took, tt.least, tt.most)
				}
			})
		})
	}
}

func TestLoseFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.LoseFirst(time.Second))
		conn := dialIn(t, net, r)
		write(t, conn, relaytest.Say("REQ", "lost", nostr.Filter{}))
		<-time.After(time.Second)
		write(t, conn, relaytest.Say("REQ", "heard", nostr.Filter{}))
		_, b, err := conn.Read(t.Context())
		if err != nil || string(b) != `["EOSE","heard"]` {
			t.Errorf("heard %s, %v", b, err)
		}
	})
}

// TestHalfOpen shows a connection that stands and is dead: no answer, no pong, no end.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.FreezeOn("REQ"))
		conn := dialIn(t, net, r)
		conn.CloseRead(t.Context())
		if err := conn.Ping(t.Context()); err != nil {
			t.Fatalf("before it froze: %v", err)
		}
		write(t, conn, relaytest.Say("REQ", "a", nostr.Filter{}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := conn.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ping: %v", err)
		}
		if r.Open() != 1 {
			t.Error("the connection has ended")
		}
	})
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay relaytest.Behaviour
		do    func(*relaytest.Relay)
		clean bool
	}{
		"hangs up":        {relaytest.KillOn("REQ"), func(*relaytest.Relay) {}, true},
		"resets":          {relaytest.ResetOn("REQ"), func(*relaytest.Relay) {}, false},
		"is made to end":  {relaytest.Ignore("REQ"), (*relaytest.Relay).Kill, true},
		"is made to fail": {relaytest.Ignore("REQ"), (*relaytest.Relay).Reset, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := relaytest.New(t, tt.relay)
			conn, _, err := websocket.Dial(t.Context(), r.URL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.CloseNow() }()
			write(t, conn, relaytest.Say("REQ", "a", nostr.Filter{}))
			r.Await("REQ", 1)
			tt.do(r)
			if _, _, err = conn.Read(t.Context()); err == nil || errors.Is(err, io.EOF) != tt.clean {
				t.Errorf("the connection ended with %v", err)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t, relaytest.Refuse(http.StatusForbidden))
	_, resp, err := websocket.Dial(t.Context(), r.URL(), nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", resp, err)
	}
	r.Behave()
	if got := strings.Join(converse(t, r, relaytest.Say("REQ", "a", nostr.Filter{})), ", "); got != "EOSE a" {
		t.Errorf("heard %q", got)
	}
}

func TestFramesThatAreNone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay relaytest.Behaviour
		// before is what comes before the answer to REQ, after what comes before its EOSE.
		before, after []string
	}{
		"oversized": {relaytest.Oversized(3), []string{`["NOTICE","xxx"]`}, []string{`["NOTICE","xxx"]`}},
		"deep":      {relaytest.Deep(2), []string{`[[`}, []string{`["NOTICE",[[]]]`}},
		"malformed": {
			relaytest.Malformed(), []string{``, `[`, `{}`, "\xff"}, []string{`["EVENT"`, `["EVENT","a",{"id":"`, `nul`},
		},
		"binary": {relaytest.Binary(), []string{`binary ["NOTICE","binary"]`, "binary \xff\xfe"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := relaytest.New(t, tt.relay)
			conn, _, err := websocket.Dial(t.Context(), r.URL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.CloseNow() }()
			write(t, conn, relaytest.Say("REQ", "a", nostr.Filter{}))
			for _, want := range append(append(tt.before, tt.after...), `["EOSE","a"]`) {
				kind, b, err := conn.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got := string(b)
				if kind == websocket.MessageBinary {
					got = "binary " + got
				}
				if got != want {
					t.Errorf("heard %q, want %q", got, want)
				}
			}
		})
	}
}
