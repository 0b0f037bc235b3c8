package actions

import (
	"context"
	"errors"
	"fmt"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// ReplyConfig is the configuration of the action reply.
type ReplyConfig struct {
	Post `yaml:",inline"`

	Target `yaml:",inline"`
	// Quote shows the answered event below the content too.
	Quote bool `yaml:"quote"`
}

type reply struct{ ReplyConfig }

var _ engine.EventAction = (*reply)(nil)

// replyKind is the action that answers an event in the way its readers look for.
func replyKind() engine.ActionKind {
	return engine.NewActionKind("reply", ReplyConfig{}, newReply)
}

func newReply(c ReplyConfig) (engine.Action, error) {
	return &reply{c}, errors.Join(c.checkPost(), c.checkTarget(), c.checkContent())
}

// Act writes the kind of reply that the clients of the answered event look for.
func (r *reply) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	parent, err := r.find(ctx, run)
	if err != nil {
		return engine.Result{}, err
	}
	kind, tags, err := replyTo(parent, run)
	if err != nil {
		return engine.Result{}, err
	}
	if r.Quote || kind == kindChat {
		tags = addTag(tags, citation(parent.Event, parent.relay))
	}
	d, err := r.draft(run, kind, tags)
	if err != nil {
		return engine.Result{}, err
	}
	if err := requireContent(d); err != nil {
		return engine.Result{}, err
	}
	if isVoice(parent.Kind) && isWebAddress(d.Content) {
		d.Kind = kindVoiceComment
	}
	if r.Quote || kind == kindChat {
		if d.Content, err = withReference(d.Content, parent, kind == kindChat); err != nil {
			return engine.Result{}, err
		}
	}
	d.Tags = withoutOwn(d.Tags, run)
	keepInGroup(&d, parent, run)
	return engine.Result{Drafts: []engine.Draft{d}}, nil
}

// replyTo chooses the kind of the reply by the kind of its parent. The wrong one is invisible in most clients.
func replyTo(parent found, run engine.Run) (int, nostr.Tags, error) {
	switch k := parent.Kind; {
	case isPrivate(k):
		return 0, nil, fmt.Errorf("kind %d is a private message, and a reply is public; answer it with dm", k)
	case k == kindDeletion, k == kindRepost, k == kindGenericRepost, k == kindReaction, k == kindURLReaction:
		return 0, nil, fmt.Errorf("kind %d has no text to answer; answer the event it is about (event: …)", k)
	case k == kindZapReceipt:
		return 0, nil, errors.New("a zap receipt is written by a wallet service; answer the zapped event (event: …), " +
			"or thank the sender with publish and mentions")
	case nostr.IsEphemeralKind(k):
		return 0, nil, fmt.Errorf("kind %d is ephemeral: relays do not keep what a reply would point to", k)
	case k == kindNote:
		return kindNote, noteTags(parent, run), nil
	case k == kindChat:
		return kindChat, nostr.Tags{person(parent.PubKey, parent.relay)}, nil
	case k == kindPublicMessage && isOwn(run, parent.PubKey):
		return 0, nil, errors.New("a public message of our own has nobody to answer; write another with publish and mentions")
	case k == kindPublicMessage:
		// NIP-A4: no e tags, there are no threads.
		return kindPublicMessage, nostr.Tags{person(parent.PubKey, parent.relay)}, nil
	case k == kindChannel, k == kindChannelMessage:
		tags, err := channelTags(parent)
		return kindChannelMessage, tags, err
	case k == kindLiveChat:
		tags, err := liveChatTags(parent)
		return kindLiveChat, tags, err
	case isJobRequest(k):
		tags, err := jobTags(parent, run)
		return k + 1000, tags, err
	default:
		return kindComment, commentTags(parent), nil
	}
}

func isVoice(kind int) bool { return kind == kindVoice || kind == kindVoiceComment }
