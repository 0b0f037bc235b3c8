package engine

import (
	"encoding/json"
	"time"
)

// Hold is why a rule does nothing for now. It is stored as the position of [HoldStream], where "" means that the
// rule is not held, so that whoever has the ledger can hold a rule and let it go on.
type Hold struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// HoldStream names the position that says whether a rule is held.
func HoldStream(rule string) string { return "hold/" + rule }

// WakeStream names the position that an operator changes so that the triggers of a rule end their rests: whatever kept
// them from looking, they look now.
func WakeStream(rule string) string { return "wake/" + rule }

// CrowdStream names the position that says whether an identity has more strangers than it may answer, as a [Hold] that
// holds nothing.
func CrowdStream(pubkey string) string { return "crowd/" + pubkey }

// Position is how the hold of a rule is stored.
func (h Hold) Position(rule string) Position {
	text, err := json.Marshal(h)
	if err != nil {
		panic(err) // A time and a text only.
	}
	return Position{Stream: HoldStream(rule), Value: string(text)}
}

// ParseHold reads what [Hold.Position] wrote; false means not held. What cannot be read holds the rule: somebody
// meant it to.
func ParseHold(value string) (Hold, bool) {
	if value == "" {
		return Hold{}, false
	}
	var h Hold
	if json.Unmarshal([]byte(value), &h) != nil {
		return Hold{Reason: "by hand"}, true
	}
	return h, true
}
