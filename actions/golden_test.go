package actions_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// signal is one case of testdata/golden: what a rule says and what it answers.
type signal struct {
	Action string            `json:"action"`
	Config json.RawMessage   `json:"config"`
	Event  *nostr.Event      `json:"event"`
	Relay  string            `json:"relay"`
	Vars   map[string]string `json:"vars"`
	Feed   bool              `json:"feed"`
}

type outcome struct {
	Drafts []draft `json:"drafts,omitempty"`
	Error  string  `json:"error,omitempty"`
}

type draft struct {
	Kind    int        `json:"kind"`
	Content string     `json:"content"`
	Tags    nostr.Tags `json:"tags"`
	PoW     int        `json:"pow,omitempty"`
	Created int64      `json:"created_at,omitempty"`
	Relays  []string   `json:"relays,omitempty"`
}

func (s signal) run() engine.Run {
	run := newRun(s.Vars)
	run.Event, run.Relay = s.Event, s.Relay
	if s.Feed {
		run.Data = &feedData{data{vars: s.Vars}}
	}
	return run
}

func readSignal(t testing.TB, path string) signal {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s signal
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return s
}

func goldenCases(t testing.TB) []string {
	t.Helper()
	cases, err := filepath.Glob("testdata/golden/*/signal.json")
	if err != nil || len(cases) < 30 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	return cases
}

// TestGolden holds every kind of parent and every option against the drafts they lead to.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, path := range goldenCases(t) {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			s := readSignal(t, path)
			result, err := mustBuild(t, s.Action, string(s.Config)).Act(t.Context(), s.run())
			got := outcome{}
			if err != nil {
				got.Error = err.Error()
			}
			for _, d := range result.Drafts {
				got.Drafts = append(got.Drafts, draft{d.Kind, d.Content, d.Tags, d.PoW, int64(d.CreatedAt), d.Relays})
				conforms(t, d)
				if s.Action == "reply" {
					noSelfMention(t, d)
				}
			}
			raw, err := json.MarshalIndent(got, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			raw = append(raw, '\n')
			golden := filepath.Join(dir, "drafts.json")
			if *update {
				if err := os.WriteFile(golden, raw, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != string(raw) {
				t.Errorf("got\n%s\nwant\n%s(-update rewrites it)", raw, want)
			}
		})
	}
}

func noSelfMention(t testing.TB, d engine.Draft) {
	t.Helper()
	for _, tag := range d.Tags {
		if len(tag) > 1 && tag[0] == "p" && (tag[1] == bot || tag[1] == other) {
			t.Errorf("a reply p-tags the bot itself: %v", tag)
		}
	}
}
