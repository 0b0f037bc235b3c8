package relaytest

import (
	_ "embed" // hostile_frames.jsonl
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

//go:embed hostile_frames.jsonl
var hostileFrames string

// HostileFrames returns, by name, frames that relays have sent or might send, filled in for a subscription and an
// event of it. Other is a good event that the subscription did not ask for.
func HostileFrames(sub string, e, other nostr.Event) map[string]string {
	forged, badSig, upper := e, e, e
	forged.ID = strings.Repeat("0", 64)
	badSig.Sig = strings.Repeat("1", 128)
	upper.PubKey = strings.ToUpper(e.PubKey)
	upper.ID = upper.GetID()
	fill := strings.NewReplacer("{{SUB}}", sub, "{{ID}}", e.ID, "{{EVENT}}", e.String(),
		"{{EVENT_WITH_RANDOM_ID}}", forged.String(), "{{EVENT_BAD_SIG}}", badSig.String(),
		"{{EVENT_UPPER_PUBKEY}}", upper.String(), "{{EVENT_OTHER_KIND}}", other.String(), `\u00ff`, "\xff")
	frames := make(map[string]string)
	for line := range strings.Lines(hostileFrames) {
		var row struct{ Name, Frame string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			panic(fmt.Sprintf("hostile_frames.jsonl: %v", err)) // It is ours.
		}
		frames[row.Name] = fill.Replace(row.Frame)
	}
	return frames
}
