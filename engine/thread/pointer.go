package thread

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

// Pointer names what an event points to: an event, an addressable event (its current version's ID may be given too),
// or something outside Nostr.
type Pointer struct {
	// ID is an event id, 64 lower-case hex characters.
	ID string
	// Address is kind:pubkey:d of an addressable event.
	Address string
	// External is what NIP-73 names, such as a web address.
	External string
	// Relay is where it may be found, "" if not said.
	Relay string
	// Author is its author, 64 lower-case hex characters, "" if not said.
	Author string
	// Kind is its kind, -1 if not said.
	Kind int
}

// IsZero reports whether p points to nothing.
func (p Pointer) IsZero() bool { return p.ID == "" && p.Address == "" && p.External == "" }

// read makes a pointer of an e, q, a or i tag of either case; ok is false if it points to nothing.
func read(tag nostr.Tag) (p Pointer, ok bool) {
	if len(tag) < 2 {
		return Pointer{}, false
	}
	p = Pointer{Kind: -1}
	switch value := tag[1]; tag[0] {
	case "e", "E", "q":
		if !isHex32(value) {
			return Pointer{}, false
		}
		p.ID = value
		p.Author = authorOf(tag)
	case "a", "A":
		if p.Kind, p.Author, ok = splitAddress(value); !ok {
			return Pointer{}, false
		}
		p.Address = value
	case "i", "I":
		if value == "" {
			return Pointer{}, false
		}
		p.External = value
		return p, true
	default:
		return Pointer{}, false
	}
	if len(tag) > 2 && isRelay(tag[2]) {
		p.Relay = tag[2]
	}
	return p, true
}

// join completes p with what q says about the same thing.
func (p Pointer) join(q Pointer) Pointer {
	if p.IsZero() {
		return q
	}
	if q.IsZero() {
		return p
	}
	if p.ID == "" {
		p.ID = q.ID
	}
	if p.Address == "" {
		p.Address = q.Address
	}
	if p.External == "" {
		p.External = q.External
	}
	if p.Relay == "" {
		p.Relay = q.Relay
	}
	if p.Author == "" {
		p.Author = q.Author
	}
	if p.Kind < 0 {
		p.Kind = q.Kind
	}
	return p
}

// authorOf finds the author in an e tag: NIP-10 puts it after the marker, other NIPs where the marker would be.
func authorOf(tag nostr.Tag) string {
	for i := 3; i < len(tag) && i < 5; i++ {
		if isHex32(tag[i]) {
			return tag[i]
		}
	}
	return ""
}

func splitAddress(s string) (kind int, pubkey string, ok bool) {
	number, rest, _ := strings.Cut(s, ":")
	pubkey, _, ok = strings.Cut(rest, ":")
	if !ok || !isHex32(pubkey) {
		return 0, "", false
	}
	kind, ok = parseKind(number)
	return kind, pubkey, ok
}

func parseKind(s string) (int, bool) {
	kind, err := strconv.ParseUint(s, 10, 16)
	return int(kind), err == nil
}

func isRelay(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "wss" || u.Scheme == "ws") && u.Host != ""
}

func isHex32(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}
