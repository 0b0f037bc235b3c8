package sign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// finishTime bounds what is done for one event: its proof of work, and its signature where the key is elsewhere.
const finishTime = time.Minute

// Dater gives an event that is complete, but for proof of work and signature, the time it needs.
type Dater func(context.Context, *nostr.Event) error

// Finisher makes events of the drafts of one action.
type Finisher struct {
	Signer engine.Signer
	// Mentions are people whom the texts refer to; each gets a p tag.
	Mentions []string
	// Now dates what has no date.
	Now  time.Time
	Date Dater
	// Secrets takes keys out of texts and tags.
	Secrets *engine.Redactor
}

// Finish turns a draft into a signed event. From here the bytes never change.
func (f Finisher) Finish(ctx context.Context, d engine.Draft) (nostr.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, finishTime)
	defer cancel()
	e := nostr.Event{
		PubKey:    f.Signer.PublicKey(),
		CreatedAt: d.CreatedAt,
		Kind:      d.Kind,
		Tags:      make(nostr.Tags, 0, len(d.Tags)+len(f.Mentions)),
		Content:   f.Secrets.Redact(engine.Clean(d.Content)),
	}
	if e.CreatedAt == 0 {
		e.CreatedAt = nostr.Timestamp(f.Now.Unix())
	}
	if d.Kind < 0 || d.Kind > engine.MaxKind {
		return e, fmt.Errorf("kind %d is outside 0..%d", d.Kind, engine.MaxKind)
	}
	for _, tag := range d.Tags {
		if len(tag) == 0 || tag[0] == "" {
			return e, errors.New("a tag has no name")
		}
		clean := make(nostr.Tag, len(tag))
		for i, v := range tag {
			clean[i] = f.Secrets.Redact(engine.Clean(v))
		}
		e.Tags = append(e.Tags, clean)
	}
	for _, pubkey := range f.Mentions {
		if e.Tags.FindWithValue("p", pubkey) == nil {
			e.Tags = append(e.Tags, nostr.Tag{"p", pubkey})
		}
	}
	if err := f.Date(ctx, &e); err != nil {
		return e, err
	}
	if n := len(e.Serialize()); n > engine.MaxEventBytes {
		return e, fmt.Errorf("the event has %d bytes, relays take %d at most; shorten it with truncate(…)", n, engine.MaxEventBytes)
	}
	if d.PoW > 0 {
		if err := mine(ctx, &e, d.PoW); err != nil {
			return e, err
		}
	}
	if err := f.Signer.Sign(ctx, &e); err != nil {
		return e, fmt.Errorf("signing: %w", err)
	}
	if !e.CheckID() {
		return e, errors.New("signing: the id is not the hash of the event")
	}
	return e, nil
}
