package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/key"
	"rhea/engine/relay"
)

// visitor is a person who visits a sandbox.
type visitor struct {
	*control.Visit

	name    string
	signer  engine.Signer
	network *relay.Network
}

// maxVisitorName keeps names on one line.
const maxVisitorName = 40

// newVisitor makes the person of a name. The key follows from the name, so it is good for sandboxes alone.
func newVisitor(name string, v *control.Visit, network *relay.Network) (*visitor, error) {
	if name = strings.TrimSpace(name); name == "" || name != screen.OneLine(name) || utf8.RuneCountInString(name) > maxVisitorName {
		return nil, usage("--as: write a name of 1 to %d characters", maxVisitorName)
	}
	sum := sha256.Sum256([]byte("rhea sandbox visitor: " + name))
	signer, err := key.NewSigner(engine.NewSecret(hex.EncodeToString(sum[:])))
	if err != nil {
		return nil, failed(err)
	}
	return &visitor{v, name, signer, network}, nil
}

// run is what actions need to know to speak as the visitor.
func (w *visitor) run(now time.Time) engine.Run {
	return engine.Run{
		Rule: "say", Step: "1", Pubkey: w.signer.PublicKey(), Own: []string{w.signer.PublicKey()},
		Relays: []string{w.Relay}, Source: w.network, Now: now,
	}
}

func (w *visitor) fetch(ctx context.Context, f nostr.Filter) ([]nostr.Event, error) {
	return w.network.Fetch(ctx, []string{w.Relay}, f)
}

// listenWithin is how long a sandbox may take to begin.
const listenWithin = 10 * time.Second

// enter waits until the bot hears what is said, and publishes the visitor's profile unless it is there.
func (w *visitor) enter(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, listenWithin)
	defer cancel()
	if err := w.Await(soon); err != nil {
		return fmt.Errorf("the sandbox does not listen to its relay: %w", err)
	}
	known, err := w.fetch(ctx, nostr.Filter{Kinds: []int{nostr.KindProfileMetadata}, Authors: []string{w.signer.PublicKey()}})
	if err != nil || len(known) > 0 {
		return err
	}
	profile, err := json.Marshal(map[string]string{"name": w.name})
	if err != nil {
		return err
	}
	e := nostr.Event{Kind: nostr.KindProfileMetadata, Content: string(profile), CreatedAt: nostr.Now(), Tags: nostr.Tags{}}
	if err := w.signer.Sign(ctx, &e); err != nil {
		return err
	}
	return w.network.Publish(ctx, w.Relay, e)
}

// nobody is the name of no identity, for what is said to everybody.
const nobody = "none"

// atName is how people write somebody's name into a text; programs make a reference of it.
var atName = regexp.MustCompile(`@[\pL\pN_-]+`)

// message is what the visitor says: to an identity, or as a reply to those who take part.
func (w *visitor) message(ctx context.Context, text, to, replyTo string) (message, error) {
	m := message{kind: nostr.KindTextNote}
	m.content = atName.ReplaceAllStringFunc(text, func(at string) string {
		for _, id := range w.Identities {
			if at == "@"+id.Name {
				m.mentions = append(m.mentions, id.Pubkey)
				return "nostr:" + id.Npub
			}
		}
		return at
	})
	if replyTo != "" {
		id, err := w.find(ctx, replyTo)
		if err != nil {
			return m, err
		}
		m.answers = id
	}
	if replyTo != "" && to == "" || to == nobody {
		return m, nil
	}
	id, err := w.identity(to)
	if err != nil {
		return m, err
	}
	m.mentions = append(m.mentions, id.Pubkey)
	return m, nil
}

// identity finds the identity of a name; without one main if that answers people, or else the first that does.
func (w *visitor) identity(name string) (control.SandboxIdentity, error) {
	if len(w.Identities) == 0 {
		return control.SandboxIdentity{}, usage("the sandbox has no identity to talk to")
	}
	if name != "" {
		names := make([]string, len(w.Identities))
		for i, id := range w.Identities {
			if names[i] = id.Name; id.Name == name {
				return id, nil
			}
		}
		return control.SandboxIdentity{}, usage("--to: no identity is called %s; write %s or %s", name, strings.Join(names, ", "), nobody)
	}
	rank := func(id control.SandboxIdentity) int {
		switch {
		case len(id.Rules) == 0:
			return 2
		case id.Name == "main":
			return 0
		}
		return 1
	}
	return slices.MinFunc(w.Identities, func(a, b control.SandboxIdentity) int { return rank(a) - rank(b) }), nil
}

// newestEvents is how many events are looked through for how an id begins; the sandbox keeps more.
const newestEvents = 500

// find returns the id of an event of the sandbox by how it begins.
func (w *visitor) find(ctx context.Context, name string) (string, error) {
	prefix, err := eventPrefix(name)
	if err != nil {
		return "", err
	}
	filter := nostr.Filter{Limit: newestEvents}
	if len(prefix) == 64 {
		filter = nostr.Filter{IDs: []string{prefix}}
	}
	all, err := w.fetch(ctx, filter)
	if err != nil {
		return "", failed(err)
	}
	all = slices.DeleteFunc(all, func(e nostr.Event) bool { return !strings.HasPrefix(e.ID, prefix) })
	switch len(all) {
	case 0:
		return "", failed(fmt.Errorf("--reply-to: the sandbox has no event %s", name))
	case 1:
		return all[0].ID, nil
	}
	return "", usage("--reply-to: %d events begin with %s; write more of it", len(all), name)
}
