package local

import (
	"strconv"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

const duplicate = "duplicate: already have this event"

// check returns the reason to refuse an event, "" for none.
func check(e *nostr.Event, now time.Time) string {
	switch {
	case !isHex(e.ID, 64), !isHex(e.PubKey, 64), !isHex(e.Sig, 128):
		return "invalid: id, pubkey and sig must be lower-case hex"
	case e.Kind < 0 || e.Kind > 65535:
		return "invalid: kind must be between 0 and 65535"
	case len(e.Tags) > maxTags:
		return "invalid: too many tags"
	case !e.CheckID():
		return "invalid: event id does not match"
	case e.CreatedAt.Time().After(now.Add(maxFuture)):
		return "invalid: created_at too late"
	case expired(e, now):
		return "invalid: event expired"
	}
	if ok, err := e.CheckSignature(); err != nil || !ok {
		return "invalid: bad signature"
	}
	return ""
}

// expired reports whether the event's expiration (NIP-40) has passed.
func expired(e *nostr.Event, now time.Time) bool {
	for _, tag := range e.Tags {
		if len(tag) >= 2 && tag[0] == "expiration" {
			at, err := strconv.ParseInt(tag[1], 10, 64)
			return err == nil && at <= now.Unix()
		}
	}
	return false
}

// protected reports whether only its author may publish the event (NIP-70).
func protected(e *nostr.Event) bool {
	for _, tag := range e.Tags {
		if len(tag) == 1 && tag[0] == "-" {
			return true
		}
	}
	return false
}

func isHex(s string, length int) bool {
	if len(s) != length {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
