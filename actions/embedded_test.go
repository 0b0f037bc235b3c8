package actions_test

import (
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/key"
)

// TestEmbeddedShowsNoKey passes events on that show a secret key, any or the bot's own. Nothing of it may be published
// again, and a copy with the key taken out has another id than it says: the copy is left out of a repost, and a job that
// cannot be passed on is not answered.
func TestEmbeddedShowsNoKey(t *testing.T) {
	t.Parallel()
	const own = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
	signer, err := key.NewSigner(engine.NewSecret(own))
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string]string{"nsec": "nsec1" + strings.Repeat("q", 58), "our own in hex": own} {
		for action, kind := range map[string]int{"repost": 1, "reply": 5050} {
			t.Run(action+", "+name, func(t *testing.T) {
				t.Parallel()
				run := newRun(nil)
				run.Secrets = new(engine.Redactor)
				run.Secrets.Know(signer)
				e := nostr.Event{PubKey: alice, CreatedAt: 1_790_000_000, Kind: kind, Tags: nostr.Tags{}, Content: "the key is " + shown}
				e.ID = e.GetID()
				run.Event, run.Relay = &e, "wss://relay.example"
				config := map[string]string{"repost": `{}`, "reply": `{"content": "42"}`}[action]
				result, err := mustBuild(t, action, config).Act(t.Context(), run)
				if action == "reply" {
					if err == nil || !strings.Contains(err.Error(), "shows a secret key") || strings.Contains(err.Error(), shown) {
						t.Errorf("the error is %v", err)
					}
					return
				}
				if err != nil || len(result.Drafts) != 1 || result.Drafts[0].Content != "" {
					t.Errorf("%+v, %v", result, err)
				}
			})
		}
	}
}
