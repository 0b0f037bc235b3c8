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

// desired is what one replaceable event of an identity should hold.
type desired struct {
	kind int
	// change returns the event's next text and tags; false when it has them already.
	change func(content string, tags nostr.Tags) (string, nostr.Tags, bool)
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

// listWish wants the tags of one name to be these, in any order, and leaves all others.
func desiredList(kind int, name string, want nostr.Tags) desired {
	return desired{kind, func(content string, tags nostr.Tags) (string, nostr.Tags, bool) {
		var others, is nostr.Tags
		for _, tag := range tags {
			if len(tag) > 1 && tag[0] == name {
				is = append(is, tag)
			} else {
				others = append(others, tag)
			}
		}
		return content, append(slices.Clone(want), others...), !slices.Equal(lines(is), lines(want))
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
	var content string
	var tags nostr.Tags
	if base != nil {
		content = base.Content
		tags = slices.DeleteFunc(slices.Clone(base.Tags), func(t nostr.Tag) bool {
			return len(t) == 0 || t[0] == "" || t[0] == "nonce" // Work that was done for other words proves nothing.
		})
	}
	if newest != nil {
		now = max(now, newest.CreatedAt+1) // Relays keep the newer one.
	}
	content, tags, differs = w.change(content, tags)
	return &engine.Draft{Kind: w.kind, Content: content, Tags: tags, CreatedAt: now}, differs
}
