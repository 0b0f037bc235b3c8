package actions

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rhea/engine"
)

// adviseKind warns about kinds that do something else than their writer may think.
func (c PublishConfig) adviseKind() error {
	advice := engine.Advice{Code: "kind"}
	switch s, known := literal(c.Content); {
	case isPrivate(c.Kind) && !strings.Contains(c.Content.Source(), "outputs."):
		advice.Message = fmt.Sprintf("kind %d is for encrypted messages, and nothing is encrypted here: everybody can read this", c.Kind)
		advice.Hint = "write a note in public with kind: 1; Rhea sends no private messages"
	case c.Kind == kindProfile && (known || c.Content.IsZero()) && saysNothing(s):
		advice.Message = "this wipes the profile: name, picture and all else of the identity are replaced with nothing"
		advice.Hint = "write profile: { name: … } at the identity, which keeps what is there"
	case c.Kind == kindFollows && !c.hasTag("p") && c.Mentions.IsZero():
		advice.Message = "this wipes the list of people the identity follows: without p tags it is replaced with nothing"
		advice.Hint = "give the whole list as tags: [[p, npub1…], …], or take the action out"
	case isList(c.Kind) && len(c.Tags) == 0 && c.Mentions.IsZero() && c.Hashtags.IsZero() && c.Content.IsZero():
		advice.Message = fmt.Sprintf("this wipes the list of kind %d: without tags it is replaced with nothing", c.Kind)
		advice.Hint = "give the whole list as tags, or take the action out"
	default:
		return nil
	}
	return engine.At("kind", &advice)
}

// saysNothing reports whether the content of a profile has no field.
func saysNothing(content string) bool {
	var fields map[string]any
	return strings.TrimSpace(content) == "" || json.Unmarshal([]byte(content), &fields) == nil && len(fields) == 0
}

// hasTag reports whether the event has a tag of that name, or one whose name is not known before it runs.
func (p Post) hasTag(name string) bool {
	return slices.ContainsFunc(p.Tags, func(tag []engine.Text) bool {
		if len(tag) == 0 {
			return false
		}
		s, known := literal(tag[0])
		return !known || s == name
	})
}
