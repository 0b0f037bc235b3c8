package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// maxSums is how many events of ours are remembered.
const maxSums = 16

// partial remembers what was published while relays were missing, as JSON in a position. What they have may be newer
// than what our event was made of. So they do not get it before they have answered, and what they have is taken over
// although the date of our event is later.
type partial struct {
	// Sums identify our events among those of other programs.
	Sums []string `json:"sums"`
	// Base is when what the last of them was made of was written, 0 when there was nothing.
	Base nostr.Timestamp `json:"base"`
	// Missing are the relays that have yet to answer.
	Missing []string `json:"missing"`
	// Unasked says that nobody has asked for our event: whatever another program wrote after Base counts more, on
	// whichever relay it turns up.
	Unasked bool `json:"unasked,omitempty"`
}

// readPartial reads a position; the zero value means that no relay is missing.
func readPartial(text string) (p partial) {
	if json.Unmarshal([]byte(text), &p) != nil {
		return partial{}
	}
	return p
}

func (p partial) String() string {
	if len(p.Missing) == 0 && !p.Unasked {
		return ""
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // Texts and a number only.
	}
	return string(text)
}

// sumOf is of the content of an event; proof of work does not change it.
func sumOf(content string, tags nostr.Tags) string {
	said := [][]string{{engine.Clean(content)}}
	for _, tag := range tags {
		if len(tag) > 0 && tag[0] == "nonce" {
			continue
		}
		clean := make([]string, len(tag))
		for i, v := range tag {
			clean[i] = engine.Clean(v)
		}
		said = append(said, clean)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", said))
	return hex.EncodeToString(sum[:16])
}

// made reports whether an event is one that was published while relays were missing.
func (p partial) made(e *nostr.Event) bool {
	return e != nil && slices.Contains(p.Sums, sumOf(e.Content, e.Tags))
}

// add notes an event of ours.
func (p *partial) add(sum string) {
	if i := slices.Index(p.Sums, sum); i >= 0 {
		p.Sums = slices.Delete(slices.Clone(p.Sums), i, i+1)
	}
	p.Sums = append(slices.Clone(p.Sums), sum)
	p.Sums = p.Sums[max(len(p.Sums)-maxSums, 0):]
}

// late is the newest event of others that a missing relay turned up with and our event was not made of.
func (p partial) late(seen look) (late *nostr.Event) {
	relays := p.Missing
	if p.Unasked {
		relays = seen.answered()
	}
	for _, relay := range relays {
		if e := seen.held[relay]; e != nil && e.CreatedAt > p.Base && !p.made(e) {
			late = newer(late, e)
		}
	}
	return late
}

// returned are the missing relays that answer again and do not have the newest event.
func (p partial) returned(seen look, newest *nostr.Event) (relays []string) {
	for _, relay := range p.Missing {
		e, answered := seen.held[relay]
		if answered && newest != nil && (e == nil || e.ID != newest.ID) {
			relays = append(relays, relay)
		}
	}
	return relays
}

// plan returns what the relays that answered are to get, nil for nothing, and what is to be remembered then.
func (w desired) plan(seen look, before partial, now nostr.Timestamp) (*engine.Draft, partial) {
	newest := seen.newest()
	base := newest
	next := partial{Missing: seen.missing, Sums: before.Sums, Unasked: w.obstacle != nil}
	if newest != nil {
		next.Base = newest.CreatedAt
	}
	if before.made(newest) {
		next.Base = before.Base
		if late := before.late(seen); late != nil {
			base, next.Base = late, late.CreatedAt
		}
	}
	draft, differs := w.draft(base, newest, now)
	if differs || base != newest {
		draft.Relays = seen.answered()
		next.add(sumOf(draft.Content, draft.Tags))
		return draft, next
	}
	if before.made(newest) {
		next.Missing = slices.DeleteFunc(slices.Clone(before.Missing), func(relay string) bool {
			return !slices.Contains(seen.missing, relay)
		})
	} else {
		next = partial{} // Others wrote what it should say.
	}
	if relays := before.returned(seen, newest); len(relays) > 0 {
		return &engine.Draft{
			Kind: w.kind, Content: newest.Content, Tags: newest.Tags, CreatedAt: newest.CreatedAt, Relays: relays,
		}, next
	}
	return nil, next
}
