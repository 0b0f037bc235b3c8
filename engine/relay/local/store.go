package local

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// store keeps events newest first, the order in which relays answer.
type store struct {
	events []nostr.Event
	ids    map[string]bool
	bytes  int
	// deletions and expiring count the events because of which others must be checked.
	deletions, expiring int
	// maxEvents and maxBytes bound what is kept.
	maxEvents, maxBytes int
}

func newStore(maxEvents, maxBytes int) store {
	return store{ids: make(map[string]bool), maxEvents: maxEvents, maxBytes: maxBytes}
}

// newestFirst orders by created_at, then by the lower id, as NIP-01 asks.
func newestFirst(a, b nostr.Event) int {
	if a.CreatedAt != b.CreatedAt {
		if a.CreatedAt > b.CreatedAt {
			return -1
		}
		return 1
	}
	return strings.Compare(a.ID, b.ID)
}

// add stores a checked event. It reports whether the event is new, and otherwise why it was not stored.
func (s *store) add(e nostr.Event, now time.Time) (fresh bool, reason string) {
	if s.ids[e.ID] {
		return false, duplicate
	}
	if s.isDeleted(&e) {
		return false, "deleted: the author asked for its deletion"
	}
	if nostr.IsEphemeralKind(e.Kind) {
		return true, ""
	}
	if addr := address(&e); addr != "" {
		if i := slices.IndexFunc(s.events, func(o nostr.Event) bool { return address(&o) == addr }); i >= 0 {
			if newestFirst(s.events[i], e) < 0 {
				return false, "replaced: have newer event"
			}
			s.removeAt(i)
		}
	}
	if e.Kind == nostr.KindDeletion {
		s.remove(func(o *nostr.Event) bool { return deletes(&e, o) })
	}
	if s.expiring > 0 {
		s.remove(func(o *nostr.Event) bool { return expired(o, now) })
	}
	i, _ := slices.BinarySearchFunc(s.events, e, newestFirst)
	s.events = slices.Insert(s.events, i, e)
	s.ids[e.ID] = true
	s.count(&e, 1)
	for len(s.events) > s.maxEvents || s.bytes > s.maxBytes {
		s.removeAt(len(s.events) - 1)
	}
	return true, ""
}

// query returns the newest matches, at most limit and at most the filter's own.
func (s *store) query(f nostr.Filter, limit int, now time.Time) []nostr.Event {
	if f.LimitZero {
		return nil
	}
	if f.Limit > 0 && f.Limit < limit {
		limit = f.Limit
	}
	var found []nostr.Event
	for i := range s.events {
		if len(found) == limit {
			break
		}
		if e := &s.events[i]; f.Matches(e) && !expired(e, now) {
			found = append(found, *e)
		}
	}
	return found
}

func (s *store) remove(which func(*nostr.Event) bool) {
	s.events = slices.DeleteFunc(s.events, func(e nostr.Event) bool {
		if !which(&e) {
			return false
		}
		s.forget(&e)
		return true
	})
}

func (s *store) removeAt(i int) {
	s.forget(&s.events[i])
	s.events = slices.Delete(s.events, i, i+1)
}

func (s *store) forget(e *nostr.Event) {
	delete(s.ids, e.ID)
	s.count(e, -1)
}

// count adds an event to the counters, or takes it off with -1.
func (s *store) count(e *nostr.Event, once int) {
	s.bytes += once * size(e)
	if e.Kind == nostr.KindDeletion {
		s.deletions += once
	}
	if e.Tags.Find("expiration") != nil {
		s.expiring += once
	}
}

// size is roughly what an event takes in memory.
func size(e *nostr.Event) int {
	n := 400 + len(e.Content)
	for _, tag := range e.Tags {
		n += 24
		for _, v := range tag {
			n += 16 + len(v)
		}
	}
	return n
}

func (s *store) isDeleted(e *nostr.Event) bool {
	return s.deletions > 0 && slices.ContainsFunc(s.events, func(d nostr.Event) bool {
		return d.Kind == nostr.KindDeletion && deletes(&d, e)
	})
}

// deletes reports whether the deletion d names the event (NIP-09). An author can only delete events of his own, and no
// deletions.
func deletes(d, e *nostr.Event) bool {
	if d.PubKey != e.PubKey || e.Kind == nostr.KindDeletion {
		return false
	}
	for _, tag := range d.Tags {
		if len(tag) < 2 {
			continue
		}
		if tag[0] == "e" && tag[1] == e.ID {
			return true
		}
		if tag[0] == "a" && tag[1] == address(e) && e.CreatedAt <= d.CreatedAt {
			return true
		}
	}
	return false
}

// address is what newer versions of a replaceable or addressable event share, "" for other kinds.
func address(e *nostr.Event) string {
	switch {
	case nostr.IsReplaceableKind(e.Kind):
		return strconv.Itoa(e.Kind) + ":" + e.PubKey + ":"
	case nostr.IsAddressableKind(e.Kind):
		return strconv.Itoa(e.Kind) + ":" + e.PubKey + ":" + e.Tags.GetD()
	default:
		return ""
	}
}
