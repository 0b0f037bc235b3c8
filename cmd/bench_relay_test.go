package cmd_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nbd-wtf/go-nostr"
)

// nullRelay says what it is told to the subscriptions that want mentions, and accepts everything at once without
// looking at it: what is measured is the bot.
type nullRelay struct {
	tb  testing.TB
	url string
	// replies gets each event that was published to it.
	replies chan []byte
	// ready gets the id of each subscription to mentions.
	ready chan string
	// heard, when set, is told of each REQ: its subscription and the whole message.
	heard func(id, req string)
	// questions counts the questions that are not for mentions, and away is how long the answer to one takes.
	away      time.Duration
	questions atomic.Int64

	mu   sync.Mutex
	conn *websocket.Conn
}

func newNullRelay(tb testing.TB) *nullRelay {
	tb.Helper()
	r := &nullRelay{tb: tb, replies: make(chan []byte, 1<<16), ready: make(chan string, 16)}
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	tb.Cleanup(server.Close)
	r.url = "ws" + strings.TrimPrefix(server.URL, "http")
	return r
}

func (r *nullRelay) serve(w http.ResponseWriter, req *http.Request) {
	conn, err := websocket.Accept(w, req, nil)
	if err != nil {
		return // Accept has answered.
	}
	conn.SetReadLimit(1 << 20)
	for {
		_, b, err := conn.Read(req.Context())
		if err != nil {
			return
		}
		switch {
		case strings.HasPrefix(string(b), `["REQ"`):
			var parts []json.RawMessage
			var id string
			if json.Unmarshal(b, &parts) != nil || json.Unmarshal(parts[1], &id) != nil {
				r.tb.Errorf("an unreadable REQ: %s", b)
				return
			}
			if r.heard != nil {
				r.heard(id, string(b))
			}
			mentions := strings.Contains(string(b), `"#p"`)
			if r.away > 0 && !mentions {
				time.AfterFunc(r.away, func() { r.write(conn, `["EOSE","`+id+`"]`) })
			} else {
				r.write(conn, `["EOSE","`+id+`"]`)
			}
			if mentions {
				r.mu.Lock()
				r.conn = conn
				r.mu.Unlock()
				select {
				case r.ready <- id:
				default: // Nobody waits for it any more.
				}
			} else {
				r.questions.Add(1)
			}
		case strings.HasPrefix(string(b), `["EVENT"`):
			_, after, _ := strings.Cut(string(b), `"id":"`)
			r.write(conn, `["OK","`+after[:64]+`",true,""]`)
			r.replies <- b
		}
	}
}

func (r *nullRelay) write(conn *websocket.Conn, frame string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = conn.Write(context.Background(), websocket.MessageText, []byte(frame)) // A bot that has gone is noticed elsewhere.
}

// say sends an event under a subscription.
func (r *nullRelay) say(sub string, event []byte) {
	r.mu.Lock()
	conn := r.conn
	r.mu.Unlock()
	r.write(conn, `["EVENT","`+sub+`",`+string(event)+`]`)
}

// asked waits for a subscription to mentions.
func (r *nullRelay) asked() (sub string) {
	r.tb.Helper()
	select {
	case sub = <-r.ready:
	case <-time.After(time.Minute):
		r.tb.Fatal("the bot does not subscribe")
	}
	return sub
}

// reply waits for the next published event.
func (r *nullRelay) reply() []byte {
	r.tb.Helper()
	select {
	case b := <-r.replies:
		return b
	case <-time.After(time.Minute):
		r.tb.Fatal("the bot does not answer")
		return nil
	}
}

// check makes sure that every mention was answered once with a good signature.
func (r *nullRelay) check(replies [][]byte, mentions map[string]bool) {
	r.tb.Helper()
	for _, b := range replies {
		var parts []json.RawMessage
		var e nostr.Event
		if json.Unmarshal(b, &parts) != nil || json.Unmarshal(parts[1], &e) != nil {
			r.tb.Fatalf("an unreadable reply: %s", b)
		}
		tag := e.Tags.Find("e")
		if ok, err := e.CheckSignature(); err != nil || !ok || tag == nil || !mentions[tag[1]] {
			r.tb.Fatalf("a bad or second reply: %s", b)
		}
		delete(mentions, tag[1])
	}
	if len(mentions) > 0 {
		r.tb.Fatalf("%d mentions were not answered", len(mentions))
	}
}
