package local

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Receive handles one message of the client. Calls must not overlap.
func (c *Client) Receive(ctx context.Context, frame []byte) {
	var parts []json.RawMessage
	if int64(len(frame)) > c.relay.opts.MaxMessage || json.Unmarshal(frame, &parts) != nil || len(parts) < 2 {
		c.say(ctx, "NOTICE", "invalid: unparseable message")
		return
	}
	switch text(parts[0]) {
	case "EVENT":
		c.event(ctx, parts[1])
	case "REQ":
		c.request(ctx, text(parts[1]), parts[2:])
	case "CLOSE":
		c.relay.unsubscribe(c, text(parts[1]))
	case "AUTH":
		c.authenticate(ctx, parts[1])
	default:
		c.say(ctx, "NOTICE", "invalid: unknown message")
	}
}

func (c *Client) event(ctx context.Context, raw json.RawMessage) {
	var e nostr.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		c.say(ctx, "NOTICE", "invalid: unparseable event")
		return
	}
	if (c.relay.opts.AuthToWrite || protected(&e)) && !c.authed[e.PubKey] {
		if !c.relay.opts.AuthToRead && !c.relay.opts.AuthToWrite {
			c.say(ctx, "AUTH", c.challenge)
		}
		c.say(ctx, "OK", e.ID, false, "auth-required: only the author may publish this")
		return
	}
	ok, reason := c.relay.Publish(e)
	c.say(ctx, "OK", e.ID, ok, reason)
}

func (c *Client) request(ctx context.Context, id string, raw []json.RawMessage) {
	if id == "" || len(id) > 64 {
		c.say(ctx, "NOTICE", "invalid: a subscription id has 1 to 64 characters")
		return
	}
	if len(raw) == 0 || len(raw) > maxFilters {
		c.say(ctx, "CLOSED", id, "invalid: a subscription has 1 to 32 filters")
		return
	}
	if c.relay.opts.AuthToRead && len(c.authed) == 0 {
		c.say(ctx, "CLOSED", id, "auth-required: this relay serves only people it knows")
		return
	}
	filters := make(nostr.Filters, len(raw))
	for i := range raw {
		if err := json.Unmarshal(raw[i], &filters[i]); err != nil {
			c.say(ctx, "CLOSED", id, "invalid: unparseable filter")
			return
		}
	}
	stored, ok := c.relay.subscribe(c, id, filters)
	if !ok {
		c.say(ctx, "CLOSED", id, "rate-limited: too many subscriptions")
		return
	}
	for i := range stored {
		c.say(ctx, "EVENT", id, &stored[i])
	}
	c.say(ctx, "EOSE", id)
}

// authenticate follows NIP-42; the relay tag is compared only when the relay knows its own address.
func (c *Client) authenticate(ctx context.Context, raw json.RawMessage) {
	var e nostr.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		c.say(ctx, "NOTICE", "invalid: unparseable event")
		return
	}
	challenge, relay := e.Tags.Find("challenge"), e.Tags.Find("relay")
	age := time.Since(e.CreatedAt.Time()).Abs()
	own := c.relay.URL()
	switch {
	case e.Kind != nostr.KindClientAuthentication, len(challenge) < 2, len(relay) < 2, age > 10*time.Minute,
		challenge[1] != c.challenge, own != "" && strings.TrimRight(relay[1], "/") != own:
		c.say(ctx, "OK", e.ID, false, "restricted: this does not answer the challenge")
	case check(&e, time.Now()) != "":
		c.say(ctx, "OK", e.ID, false, check(&e, time.Now()))
	default:
		c.authed[e.PubKey] = true
		c.say(ctx, "OK", e.ID, true, "")
	}
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
