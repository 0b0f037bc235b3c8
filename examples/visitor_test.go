package examples_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nbd-wtf/go-nostr"
)

// visitor is somebody with a client of their own on the sandbox's relay, who sees all that is published there.
type visitor struct {
	t      *testing.T
	secret string
	pubkey string
	conn   *websocket.Conn
	// host is the bot that is visited. It introduces itself when it comes to it, which is nothing said.
	host string
	// said holds what others than the visitor have published; it is closed with the connection.
	said chan nostr.Event
	// answers holds what else the relay says.
	answers chan frame
}

// frame is one message of the relay.
type frame []json.RawMessage

// text returns a part of the frame that is a string.
func (f frame) text(i int) (s string) {
	if i < len(f) && json.Unmarshal(f[i], &s) != nil {
		return ""
	}
	return s
}

func visit(t *testing.T, relay, host string) *visitor {
	t.Helper()
	v := &visitor{
		t: t, host: host, secret: nostr.GeneratePrivateKey(),
		said: make(chan nostr.Event, 64), answers: make(chan frame, 64),
	}
	var err error
	if v.pubkey, err = nostr.GetPublicKey(v.secret); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if v.conn, _, err = websocket.Dial(ctx, relay, nil); err != nil {
		t.Fatalf("connecting to the sandbox: %v", err)
	}
	v.conn.SetReadLimit(1 << 20)
	go v.listen()
	t.Cleanup(func() { _ = v.conn.CloseNow() }) // The relay has closed it by now.
	v.send("REQ", "everything", nostr.Filter{})
	v.await("EOSE", "everything")
	return v
}

// listen reads until the connection ends.
func (v *visitor) listen() {
	defer close(v.said)
	for {
		_, body, err := v.conn.Read(context.Background())
		if err != nil {
			return
		}
		var f frame
		var e nostr.Event
		switch {
		case json.Unmarshal(body, &f) != nil || len(f) < 2:
			v.t.Errorf("the relay said %s", body)
		case f.text(0) != "EVENT":
			v.answers <- f
		case json.Unmarshal(f[2], &e) != nil:
			v.t.Errorf("the relay sent a broken event: %s", body)
		case e.PubKey != v.pubkey && (e.PubKey != v.host || e.Kind != nostr.KindProfileMetadata):
			v.said <- e
		}
	}
}

func (v *visitor) send(parts ...any) {
	v.t.Helper()
	body, err := json.Marshal(parts)
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(v.t.Context(), deadline)
	defer cancel()
	if err := v.conn.Write(ctx, websocket.MessageText, body); err != nil {
		v.t.Fatal(err)
	}
}

// await waits for the relay's answer to something.
func (v *visitor) await(label, about string) frame {
	v.t.Helper()
	select {
	case f := <-v.answers:
		if f.text(0) != label || f.text(1) != about {
			v.t.Fatalf("waiting for %s about %s, the relay said %s", label, about, f)
		}
		return f
	case <-time.After(deadline):
		v.t.Fatalf("the relay said no %s about %s", label, about)
		return nil
	}
}

// introduce publishes the visitor's profile.
func (v *visitor) introduce(name string) {
	v.t.Helper()
	v.publishKind(nostr.KindProfileMetadata, fmt.Sprintf(`{"name": %q}`, name))
}

// publish signs a note and hands it to the relay.
func (v *visitor) publish(content string, tags ...nostr.Tag) nostr.Event {
	v.t.Helper()
	return v.publishKind(nostr.KindTextNote, content, tags...)
}

func (v *visitor) publishKind(kind int, content string, tags ...nostr.Tag) nostr.Event {
	v.t.Helper()
	e := nostr.Event{Kind: kind, Content: content, Tags: tags, CreatedAt: nostr.Now()}
	if err := e.Sign(v.secret); err != nil {
		v.t.Fatal(err)
	}
	v.send("EVENT", e)
	if f := v.await("OK", e.ID); string(f[2]) != "true" {
		v.t.Fatalf("the relay refused %q: %s", content, f)
	}
	return e
}

// sees returns the next event that the bot has published.
func (v *visitor) sees() nostr.Event {
	v.t.Helper()
	select {
	case e, ok := <-v.said:
		if !ok {
			v.t.Fatal("the relay closed the connection")
		}
		if valid, err := e.CheckSignature(); err != nil || !valid || !e.CheckID() {
			v.t.Errorf("the signature of %s is wrong: %v", e, err)
		}
		return e
	case <-time.After(deadline):
		v.t.Fatal("the bot published nothing")
		return nostr.Event{}
	}
}

// seesOf returns the next event of one author, but for its profile; a schedule may fire in between.
func (v *visitor) seesOf(pubkey string) nostr.Event {
	v.t.Helper()
	for {
		if e := v.sees(); e.PubKey == pubkey && e.Kind != nostr.KindProfileMetadata {
			return e
		}
	}
}

// seesNothingElse wants to be called when the bot has ended, with all it had to say said.
func (v *visitor) seesNothingElse() {
	v.t.Helper()
	for e := range v.said {
		v.t.Errorf("the bot also published %s", e)
	}
}
