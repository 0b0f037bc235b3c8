package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// maxEmbedded leaves room for the event around an embedded one.
const maxEmbedded = engine.MaxEventBytes - 4096

// RepostConfig is the configuration of the action repost.
type RepostConfig struct {
	Target `yaml:",inline"`
}

type repost struct{ RepostConfig }

var _ engine.EventAction = (*repost)(nil)

// repostKind is the action that passes an event on (NIP-18).
func repostKind() engine.ActionKind {
	return engine.NewActionKind("repost", RepostConfig{}, newRepost)
}

func newRepost(c RepostConfig) (engine.Action, error) {
	return &repost{c}, c.checkTarget()
}

// Act passes an event on to the bot's readers (NIP-18).
func (r *repost) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	e, err := r.find(ctx, run)
	if err != nil {
		return engine.Result{}, err
	}
	switch k := e.Kind; {
	case k == kindRepost, k == kindGenericRepost:
		return engine.Result{}, errors.New("a repost is not reposted; repost the event it is about (event: …)")
	case isPrivate(k), nostr.IsEphemeralKind(k), k == kindDeletion:
		return engine.Result{}, fmt.Errorf("kind %d is not made to be passed on", k)
	case e.relay == "":
		return engine.Result{}, errors.New("no relay is known that has the event, and a repost must name one")
	}
	d := engine.Draft{Kind: kindRepost, Tags: nostr.Tags{{"e", e.ID, e.relay, e.PubKey}}}
	if !isOwn(run, e.PubKey) {
		d.Tags = append(d.Tags, person(e.PubKey, e.relay))
	}
	if e.Kind != kindNote {
		d.Kind = kindGenericRepost
		d.Tags = append(d.Tags, nostr.Tag{"k", kindText(e.Kind)})
		if a := address(e.Event); a != "" {
			d.Tags = append(d.Tags, nostr.Tag{"a", a, e.relay})
		}
	}
	if !isProtected(e.Event) {
		// A copy that cannot be embedded faithfully is left out; the e tag says where the original is.
		d.Content, _ = embedded(e.Event, run.Secrets)
	}
	keepInGroup(&d, e, run)
	return engine.Result{Drafts: []engine.Draft{d}}, nil
}

// isProtected reports whether only the author may publish the event (NIP-70).
func isProtected(e *nostr.Event) bool {
	for _, t := range e.Tags {
		if len(t) == 1 && t[0] == "-" {
			return true
		}
	}
	return false
}

// embedded returns the event as JSON, provided that who reads it finds the same id and it fits.
func embedded(e *nostr.Event, secrets *engine.Redactor) (string, error) {
	text := e.String()
	var again nostr.Event
	if err := json.Unmarshal([]byte(text), &again); err != nil {
		return "", fmt.Errorf("its JSON is broken: %w", err)
	}
	if again.ID != e.ID || !again.CheckID() || engine.Clean(text) != text {
		return "", errors.New("its JSON does not give the same id")
	}
	if secrets.Redact(text) != text {
		return "", errors.New("it shows a secret key, which is never published again")
	}
	if quoted, err := json.Marshal(text); err != nil || len(quoted) > maxEmbedded {
		return "", errors.New("it is too large")
	}
	return text, nil
}
