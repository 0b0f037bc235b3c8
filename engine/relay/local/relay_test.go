package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
)

const (
	alice = "0000000000000000000000000000000000000000000000000000000000000001"
	bob   = "0000000000000000000000000000000000000000000000000000000000000002"
)

func sign(t *testing.T, key string, e nostr.Event) nostr.Event {
	t.Helper()
	if e.CreatedAt == 0 {
		e.CreatedAt = nostr.Now()
	}
	if err := e.Sign(key); err != nil {
		t.Fatal(err)
	}
	return e
}

// note differs from every other note by its text.
func note(t *testing.T, key, text string, tags ...nostr.Tag) nostr.Event {
	t.Helper()
	return sign(t, key, nostr.Event{Kind: 1, Content: text, Tags: tags})
}

func TestPublishAnswersAsRelaysDo(t *testing.T) {
	t.Parallel()
	first := note(t, alice, "first")
	badSig := note(t, alice, "bad signature")
	badSig.Sig = first.Sig
	badID := note(t, alice, "bad id")
	badID.ID = first.PubKey
	now := nostr.Now()
	unix := func(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }
	tests := []struct {
		name   string
		event  nostr.Event
		ok     bool
		reason string
	}{
		{"news", first, true, ""},
		{"again", first, true, "duplicate:"},
		{"bad signature", badSig, false, "invalid: bad signature"},
		{"bad id", badID, false, "invalid: event id"},
		{"an hour ahead", sign(t, alice, nostr.Event{Kind: 1, CreatedAt: now + 3600}), false, "invalid: created_at too late"},
		{"years ago", sign(t, alice, nostr.Event{Kind: 1, CreatedAt: now - 1e8}), true, ""},
		{"expired", note(t, alice, "x", nostr.Tag{"expiration", unix(-time.Second)}), false, "invalid: event expired"},
		{"expires later", note(t, alice, "y", nostr.Tag{"expiration", unix(time.Hour)}), true, ""},
		{"ephemeral", sign(t, alice, nostr.Event{Kind: 20001}), true, ""},
		{"profile", sign(t, alice, nostr.Event{Kind: 0, CreatedAt: now}), true, ""},
		{"older profile", sign(t, alice, nostr.Event{Kind: 0, CreatedAt: now - 5}), false, "replaced:"},
		{"newer profile", sign(t, alice, nostr.Event{Kind: 0, CreatedAt: now + 5}), true, ""},
		{"another's deletion", sign(t, bob, nostr.Event{Kind: 5, Tags: nostr.Tags{{"e", first.ID}}}), true, ""},
		{"still there", first, true, "duplicate:"},
		{"deletion", sign(t, alice, nostr.Event{Kind: 5, Tags: nostr.Tags{{"e", first.ID}}}), true, ""},
		{"deleted", first, false, "deleted:"},
		{"kind out of range", sign(t, alice, nostr.Event{Kind: 70000}), false, "invalid: kind"},
	}
	r := local.New(local.Options{})
	for _, tt := range tests {
		ok, reason := r.Publish(tt.event)
		if ok != tt.ok || !strings.HasPrefix(reason, tt.reason) || (tt.reason == "" && reason != "") {
			t.Errorf("%s: OK %v %q, want %v %q", tt.name, ok, reason, tt.ok, tt.reason)
		}
	}
}

func TestAddressableEventsAreReplacedAndDeletedByAddress(t *testing.T) {
	t.Parallel()
	r := local.New(local.Options{})
	now := nostr.Now()
	article := func(d string, at nostr.Timestamp) nostr.Event {
		return sign(t, alice, nostr.Event{Kind: 30023, CreatedAt: at, Tags: nostr.Tags{{"d", d}}})
	}
	one, other, edit := article("a", now-9), article("b", now-8), article("a", now-7)
	for _, e := range []nostr.Event{one, other, edit} {
		if ok, reason := r.Publish(e); !ok {
			t.Fatal(reason)
		}
	}
	if got := r.Events(); len(got) != 2 || got[0].ID != edit.ID || got[1].ID != other.ID {
		t.Fatalf("stored %v, want the edit and the other article", got)
	}
	r.Publish(sign(t, alice, nostr.Event{Kind: 5, CreatedAt: now, Tags: nostr.Tags{{"a", "30023:" + one.PubKey + ":a"}}}))
	if got := r.Query(nostr.Filter{Kinds: []int{30023}}); len(got) != 1 || got[0].ID != other.ID {
		t.Errorf("stored %v after the deletion, want the other article", got)
	}
	if ok, reason := r.Publish(article("a", now+1)); !ok {
		t.Errorf("a version newer than the deletion: %s", reason)
	}
}

func TestStoreIsBounded(t *testing.T) {
	t.Parallel()
	now := nostr.Now()
	few := local.New(local.Options{MaxEvents: 3})
	small := local.New(local.Options{MaxBytes: 3000})
	for i := range 10 {
		e := sign(t, alice, nostr.Event{Kind: 1, CreatedAt: now - nostr.Timestamp(i), Content: strings.Repeat("x", 500)})
		few.Publish(e)
		small.Publish(e)
	}
	if got := few.Events(); len(got) != 3 || got[0].CreatedAt != now {
		t.Errorf("%d events kept, want the 3 newest", len(got))
	}
	if got := len(small.Events()); got != 3 {
		t.Errorf("%d events of 900 bytes in 3000 bytes, want 3", got)
	}
}

func TestAcceptedSeesNewsOnce(t *testing.T) {
	t.Parallel()
	var seen []string
	r := local.New(local.Options{Accepted: func(e nostr.Event) { seen = append(seen, e.ID) }})
	e := note(t, alice, "hello")
	r.Publish(e)
	r.Publish(e)
	if len(seen) != 1 || seen[0] != e.ID {
		t.Errorf("observed %v, want the event once", seen)
	}
}

type socket struct {
	*testing.T
	*websocket.Conn
}

func dial(t *testing.T, r *local.Relay) socket {
	t.Helper()
	url, err := r.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	conn, _, err := websocket.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return socket{t, conn}
}

func (s socket) say(parts ...any) {
	s.Helper()
	b, err := json.Marshal(parts)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Write(s.Context(), websocket.MessageText, b); err != nil {
		s.Fatal(err)
	}
}

func (s socket) hear(prefix string) string {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
	defer cancel()
	_, b, err := s.Read(ctx)
	if err != nil {
		s.Fatalf("waiting for %s: %v", prefix, err)
	}
	if !strings.HasPrefix(string(b), prefix) {
		s.Fatalf("heard %s, want %s", b, prefix)
	}
	return string(b)
}

func TestConversation(t *testing.T) {
	t.Parallel()
	s := dial(t, local.New(local.Options{}))
	old := note(t, alice, "stored", nostr.Tag{"t", "bird"})
	s.say("EVENT", old)
	s.hear(`["OK","` + old.ID + `",true,""]`)
	s.say("REQ", "a", nostr.Filter{Kinds: []int{1}, Tags: nostr.TagMap{"t": {"bird"}}})
	s.hear(`["EVENT","a",`)
	s.hear(`["EOSE","a"]`)
	live := note(t, bob, "live", nostr.Tag{"t", "bird"})
	s.say("EVENT", note(t, bob, "of no interest"))
	s.hear(`["OK"`)
	s.say("EVENT", live)
	if got := s.hear(`["EVENT","a",`); !strings.Contains(got, live.ID) {
		t.Errorf("heard %s, want the live event", got)
	}
	s.hear(`["OK"`)
	s.say("CLOSE", "a")
	s.say("EVENT", note(t, bob, "after the close", nostr.Tag{"t", "bird"}))
	s.hear(`["OK"`)
	s.say("REQ", "b")
	s.hear(`["CLOSED","b","invalid:`)
	s.say("REQ", "", nostr.Filter{})
	s.hear(`["NOTICE"`)
	s.say("HELLO", "x")
	s.hear(`["NOTICE"`)
	if err := s.Write(t.Context(), websocket.MessageText, []byte(`["EVENT","ab`)); err != nil {
		t.Fatal(err)
	}
	s.hear(`["NOTICE"`)
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	r := local.New(local.Options{AuthToRead: true, AuthToWrite: true})
	s := dial(t, r)
	var challenge []string
	if err := json.Unmarshal([]byte(s.hear(`["AUTH"`)), &challenge); err != nil {
		t.Fatal(err)
	}
	s.say("REQ", "a", nostr.Filter{})
	s.hear(`["CLOSED","a","auth-required:`)
	e := note(t, alice, "hello")
	s.say("EVENT", e)
	s.hear(`["OK","` + e.ID + `",false,"auth-required:`)
	answer := func(url, challenge string) nostr.Event {
		return sign(t, alice, nostr.Event{Kind: 22242, Tags: nostr.Tags{{"relay", url}, {"challenge", challenge}}})
	}
	wrong := answer("wss://another.example", challenge[1])
	s.say("AUTH", wrong)
	s.hear(`["OK","` + wrong.ID + `",false,"restricted:`)
	right := answer(r.URL(), challenge[1])
	s.say("AUTH", right)
	s.hear(`["OK","` + right.ID + `",true`)
	s.say("EVENT", e)
	s.hear(`["OK","` + e.ID + `",true`)
	s.say("REQ", "a", nostr.Filter{})
	s.hear(`["EVENT","a"`)
	s.hear(`["EOSE","a"]`)
}

func TestInformation(t *testing.T) {
	t.Parallel()
	r := local.New(local.Options{Name: "the nest"})
	url, err := r.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(url, "ws", "http", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.Body.Close() != nil {
		t.Fatal(err)
	}
	var info struct{ Name string }
	if err := json.Unmarshal(body, &info); err != nil || info.Name != "the nest" {
		t.Errorf("information %s: %v", body, err)
	}
}

func TestClientsAreBounded(t *testing.T) {
	t.Parallel()
	r := local.New(local.Options{MaxClients: 1})
	first := r.Connect()
	defer first.Close()
	select {
	case <-r.Connect().Done():
	default:
		t.Error("a second client was served")
	}
	// A client that never reads is dropped, not waited for.
	first.Receive(t.Context(), []byte(`["REQ","a",{"kinds":[1]}]`))
	for i := range 300 {
		r.Publish(note(t, alice, fmt.Sprint(i)))
	}
	select {
	case <-first.Done():
	default:
		t.Error("a client that does not read is still served")
	}
}
