package actions_test

import (
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/reference"
)

// TestDeleteOwn takes back what this run has made and the bot's own article.
func TestDeleteOwn(t *testing.T) {
	t.Parallel()
	name, err := reference.Naddr(30023, bot, "post")
	if err != nil {
		t.Fatal(err)
	}
	run := newRun(map[string]string{"name": name})
	run.Drafted = []nostr.Event{{ID: note1, PubKey: bot, Kind: 1}}
	result, err := mustBuild(t, "delete", `{"events": ["`+note1+`", "nostr:${{ name }}"]}`).Act(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	want := nostr.Tags{{"e", note1}, {"a", "30023:" + bot + ":post"}, {"k", "1"}, {"k", "30023"}}
	got := result.Drafts[0].Tags
	if len(got) != len(want) {
		t.Fatalf("tags are %v, want %v", got, want)
	}
	for i := range want {
		if got[i][0] != want[i][0] || got[i][1] != want[i][1] {
			t.Errorf("tag %d is %v, want %v", i, got[i], want[i])
		}
	}
}
