package actions_test

import (
	"reflect"
	"strings"
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

// TestDeleteWhatWasAnswered takes back the note that somebody has answered: its kind is known with it.
func TestDeleteWhatWasAnswered(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		parent *nostr.Event
		want   nostr.Tags
		says   string
	}{
		"known":        {&nostr.Event{ID: note1, PubKey: bot, Kind: 1}, nostr.Tags{{"e", note1}, {"k", "1"}}, ""},
		"another":      {&nostr.Event{ID: alice, PubKey: bot, Kind: 1}, nostr.Tags{{"e", note1}}, ""},
		"unknown":      {nil, nostr.Tags{{"e", note1}}, ""},
		"of a visitor": {&nostr.Event{ID: note1, PubKey: alice, Kind: 1}, nil, "somebody else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := newRun(nil)
			run.Data = &answerData{data{vars: map[string]string{"parent.id": note1}}, tt.parent}
			result, err := mustBuild(t, "delete", `{"events": ["${{ parent.id }}"]}`).Act(t.Context(), run)
			switch {
			case tt.says != "":
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("the error is %v", err)
				}
			case err != nil:
				t.Error(err)
			case !reflect.DeepEqual(result.Drafts[0].Tags, tt.want):
				t.Errorf("tags are %v, want %v", result.Drafts[0].Tags, tt.want)
			}
		})
	}
}
