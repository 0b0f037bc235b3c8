package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	kindProfile  = 0
	kindRelays   = 10002
	kindDMRelays = 10050
)

// desired is what one replaceable event of an identity should hold.
type desired struct {
	kind int
	// change returns the next text and tags of an event, which is the zero value where there is none; false when it has
	// them already.
	change func(is *nostr.Event) (string, nostr.Tags, bool)
	// obstacle, when set, says why an event is left as it is although it should say more, "" when it is not. What has one is
	// nobody's wish but ours: it is published only when no relay that can be reached keeps to itself what it has.
	obstacle func(is *nostr.Event) string
}

// merge sets fields in the JSON of a profile and keeps the others as they are. A text that is no profile is replaced.
func merge(content string, fields map[string]any) (next string, differs bool) {
	all := make(map[string]json.RawMessage)
	if json.Unmarshal([]byte(content), &all) != nil || all == nil {
		all = make(map[string]json.RawMessage)
		differs = true
	}
	for name, want := range fields {
		var is any
		if raw, ok := all[name]; ok && json.Unmarshal(raw, &is) == nil && reflect.DeepEqual(is, want) {
			continue
		}
		if _, there := all[name]; !there && want == false {
			continue // Leaving it out means no.
		}
		all[name], differs = encoded(want), true
	}
	return string(encoded(all)), differs
}

// encoded is JSON as people write it, without escapes for HTML.
func encoded(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // Texts, booleans and JSON only.
	}
	return bytes.TrimSpace(b.Bytes())
}

// relayTags are the r tags of NIP-65; a relay for both has no marker.
func relayTags(inbox, outbox []string) nostr.Tags {
	var tags nostr.Tags
	for _, url := range outbox {
		if slices.Contains(inbox, url) {
			tags = append(tags, nostr.Tag{"r", engine.PublicRelay(url)})
		} else {
			tags = append(tags, nostr.Tag{"r", engine.PublicRelay(url), "write"})
		}
	}
	for _, url := range inbox {
		if !slices.Contains(outbox, url) {
			tags = append(tags, nostr.Tag{"r", engine.PublicRelay(url), "read"})
		}
	}
	return tags
}

// desiredList wants the tags of one name to be these, in any order, and leaves all others.
func desiredList(kind int, name string, want nostr.Tags) desired {
	return desired{kind: kind, change: func(is *nostr.Event) (string, nostr.Tags, bool) {
		var others, listed nostr.Tags
		for _, tag := range is.Tags {
			if len(tag) > 1 && tag[0] == name {
				listed = append(listed, tag)
			} else {
				others = append(others, tag)
			}
		}
		return is.Content, append(slices.Clone(want), others...), !slices.Equal(lines(listed), lines(want))
	}}
}

func lines(tags nostr.Tags) []string {
	var all []string
	for _, tag := range tags {
		line := slices.Clone(tag)
		line[1] = strings.TrimSuffix(line[1], "/")
		all = append(all, fmt.Sprintf("%q", line))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// draft is the event that replaces the newest there is, made of base; differs is false when base is the same. Either
// may be nil.
func (w desired) draft(base, newest *nostr.Event, now nostr.Timestamp) (d *engine.Draft, differs bool) {
	var is nostr.Event
	if base != nil {
		is = *base
		is.Tags = slices.DeleteFunc(slices.Clone(base.Tags), func(t nostr.Tag) bool {
			return len(t) == 0 || t[0] == "" || t[0] == "nonce" // Work that was done for other words proves nothing.
		})
	}
	if newest != nil {
		now = max(now, newest.CreatedAt+1) // Relays keep the newer one.
	}
	content, tags, differs := w.change(&is)
	return &engine.Draft{Kind: w.kind, Content: content, Tags: tags, CreatedAt: now}, differs
}
