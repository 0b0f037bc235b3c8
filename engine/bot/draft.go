package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// dater gives an event that is complete, but for proof of work and signature, the time it needs.
type dater func(context.Context, *nostr.Event) error

// finish turns a draft into a signed event. From here the bytes never change.
func finish(
	ctx context.Context, d engine.Draft, mentions []string, signer engine.Signer, now time.Time, date dater, secrets *engine.Redactor,
) (nostr.Event, error) {
	e := nostr.Event{
		PubKey:    signer.PublicKey(),
		CreatedAt: d.CreatedAt,
		Kind:      d.Kind,
		Tags:      make(nostr.Tags, 0, len(d.Tags)+len(mentions)),
		Content:   secrets.Redact(engine.Clean(d.Content)),
	}
	if e.CreatedAt == 0 {
		e.CreatedAt = nostr.Timestamp(now.Unix())
	}
	if d.Kind < 0 || d.Kind > 65535 {
		return e, fmt.Errorf("kind %d is outside 0..65535", d.Kind)
	}
	for _, tag := range d.Tags {
		if len(tag) == 0 || tag[0] == "" {
			return e, errors.New("a tag has no name")
		}
		clean := make(nostr.Tag, len(tag))
		for i, v := range tag {
			clean[i] = secrets.Redact(engine.Clean(v))
		}
		e.Tags = append(e.Tags, clean)
	}
	for _, pubkey := range mentions {
		if e.Tags.FindWithValue("p", pubkey) == nil {
			e.Tags = append(e.Tags, nostr.Tag{"p", pubkey})
		}
	}
	if err := date(ctx, &e); err != nil {
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
	if err := signer.Sign(ctx, &e); err != nil {
		return e, fmt.Errorf("signing: %w", err)
	}
	if !e.CheckID() {
		return e, errors.New("signing: the id is not the hash of the event")
	}
	return e, nil
}
