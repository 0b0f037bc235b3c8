package actions

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/thread"
)

// channelTags answers in a public channel (NIP-28): the channel is the root, the message is what is answered.
func channelTags(parent found) (nostr.Tags, error) {
	author := person(parent.PubKey, parent.relay)
	if parent.Kind == kindChannel {
		return nostr.Tags{{"e", parent.ID, parent.relay, "root"}, author}, nil
	}
	channel := thread.Root(parent.Event)
	if channel.ID == "" {
		return nil, errors.New("the channel message does not name its channel")
	}
	return nostr.Tags{
		{"e", channel.ID, hint(channel.Relay), "root"},
		{"e", parent.ID, parent.relay, "reply"},
		author,
	}, nil
}

// liveChatTags answers in the chat of a live activity (NIP-53).
func liveChatTags(parent found) (nostr.Tags, error) {
	for _, t := range parent.Tags {
		if len(t) < 2 || t[0] != "a" || !isAddress(t[1]) || !strings.HasPrefix(t[1], kindText(kindLiveActivity)+":") {
			continue
		}
		relay := ""
		if len(t) > 2 {
			relay = hint(t[2])
		}
		return nostr.Tags{
			{"a", t[1], relay, "root"},
			trimTag(nostr.Tag{"e", parent.ID, parent.relay, "reply", parent.PubKey}),
			person(parent.PubKey, parent.relay),
		}, nil
	}
	return nil, errors.New("the chat message does not name its live activity")
}

// jobTags delivers the result of a job (NIP-90): the request itself, its inputs and who asked.
func jobTags(parent found, run engine.Run) (nostr.Tags, error) {
	if firstTag(parent.Tags, "encrypted") != nil {
		return nil, errors.New("the job's parameters are encrypted, and a reply is public")
	}
	if firstTag(parent.Tags, "p") != nil && !hasTag(parent.Tags, "p", run.Pubkey) {
		return nil, errors.New("the job is asked of other providers")
	}
	request, err := embedded(parent.Event, run.Secrets)
	if err != nil {
		return nil, fmt.Errorf("the job request cannot be passed on: %w", err)
	}
	tags := nostr.Tags{
		{"request", request},
		trimTag(nostr.Tag{"e", parent.ID, parent.relay}),
		person(parent.PubKey, parent.relay),
	}
	for _, t := range parent.Tags {
		if len(t) > 1 && t[0] == "i" && len(t[1]) <= 4*maxTagValue && len(tags) < maxInputs {
			tags = append(tags, append(nostr.Tag(nil), t...))
		}
	}
	return tags, nil
}
