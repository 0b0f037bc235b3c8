package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd"
	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// onlineYAML is completed with a relay that works, one that is particular, and the address of a web server.
const onlineYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%[1]s, %[2]s]
rules:
  - name: good
    trigger: { feed: { url: %[3]s/feed.xml, allow_private: true } }
    if: not (item.title contains "[ad]")
    actions: [ { publish: { content: "New: ${{ item.title }}" } } ]
  - name: gone
    trigger: { feed: { url: %[3]s/gone.xml, allow_private: true } }
    actions: [ { publish: { content: hi } } ]
  - name: nowhere
    relays: ["ws://127.0.0.1:1"]
    trigger: { mention: {} }
    actions: [ { reply: { content: hi } } ]
  - name: greet
    relays: [%[1]s]
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi!" } } ]
  - name: new-year
    relays: [%[1]s]
    trigger: { schedule: { at: ["2100-01-01T00:00:00Z"] } }
    actions:
      - http: { url: "%[3]s/price.json", allow_private: true }
        id: price
      - publish: { content: "${{ outputs.price.body.usd }} USD" }
`

// particular is a relay that says of itself what it does not take, and whose clock is an hour behind.
func particular() relaytest.Behaviour {
	return relaytest.Behaviour{Informs: func(w http.ResponseWriter) bool {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		fmt.Fprint(w, `{"limitation": {"payment_required": true, "auth_required": true, "min_pow_difficulty": 30, "max_content_length": 8},
			"payments_url": "https://pay.example", "retention": [{"kinds": [1, [40, 49]], "time": 0}]}`)
		return true
	}}
}

// onlineWorld is a relay with one mention, a particular relay, and a web server; asked counts what it was asked.
type onlineWorld struct {
	path         string
	first, other *relaytest.Relay
	web          *httptest.Server
}

func newOnlineWorld(t *testing.T) *onlineWorld {
	t.Helper()
	w := &onlineWorld{first: relaytest.With(t, local.Options{AuthToRead: true}), other: relaytest.New(t, particular())}
	w.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed.xml":
			fmt.Fprint(w, `<rss version="2.0"><channel><title>a</title>
				<item><guid>1</guid><title>One</title></item><item><guid>2</guid><title>Two [ad]</title></item></channel></rss>`)
		case "/price.json":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"usd": 64000}`)
		default:
			w.WriteHeader(http.StatusGone)
		}
	}))
	t.Cleanup(w.web.Close)
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		t.Fatal(err)
	}
	e := mention(t, 1, bot)
	e.CreatedAt -= 30 * 24 * 3600
	if err := e.Sign(visitorSecret); err != nil {
		t.Fatal(err)
	}
	if ok, reason := w.first.Local.Publish(e); !ok {
		t.Fatal(reason)
	}
	w.path = filepath.Join(t.TempDir(), "bot.yaml")
	writeConfig(t, filepath.Dir(w.path), fmt.Sprintf(onlineYAML, w.first.URL(), w.other.URL(), w.web.URL))
	return w
}

func (w *onlineWorld) check(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	lookup := func(name string) (string, bool) { return botSecret, name == "BOT_NSEC" }
	code = cmd.Run(t.Context(), append([]string{"check", "--online", "-c", w.path}, args...), cmd.Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, LookupEnv: lookup,
	}, kinds())
	return code, stdout.String(), stderr.String()
}

type onlineJSON struct {
	Problems []struct{ Code, Message, Hint string }
	Online   struct {
		Relays []struct {
			Relay   string
			Answers bool
			Error   string
			Says    map[string]any
		}
		Rules []struct {
			Rule    string
			Error   string
			Signals []struct {
				Outcome   engine.Outcome
				At        time.Time
				Event     *nostr.Event
				Publishes []struct {
					Event  nostr.Event
					Relays []string
				}
			}
		}
	}
}

// TestCheckOnline asks a relay that wants authentication, one that is particular and one that is not there, a feed
// and what is none; and what each rule would do now.
func TestCheckOnline(t *testing.T) {
	t.Parallel()
	w := newOnlineWorld(t)
	code, out, _ := w.check(t, "--format", "json")
	var said onlineJSON
	if err := json.Unmarshal([]byte(out), &said); err != nil || code != 2 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	var problems []string
	for _, p := range said.Problems {
		problems = append(problems, p.Code+": "+p.Message)
	}
	for _, want := range []string{
		"relay-silent: ws://127.0.0.1:1 does not answer: ",
		"trigger-silent: rule gone: the feed at " + w.web.URL + "/gone.xml: the server answers 410 Gone",
		"relay-policy: " + w.other.URL() + " wants to be paid before it takes events",
		"relay-policy: " + w.other.URL() + " wants 30 bits of proof of work, and rule good spends 20 at most",
		"relay-policy: " + w.other.URL() + " does not keep events of kind 1: the rule good publishes one",
		"relay-policy: " + w.other.URL() + " takes 8 characters of text, and this has 8",
		"clock: the clock of this machine is ",
	} {
		found := slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, want) })
		if missing := strings.HasSuffix(want, "has 8"); found == missing {
			t.Errorf("%q: found is %v in\n%s", want, found, strings.Join(problems, "\n"))
		}
	}
	rules := said.Online.Rules
	if len(rules) != 5 || len(said.Online.Relays) != 3 {
		t.Fatalf("%d rules and %d relays:\n%s", len(rules), len(said.Online.Relays), out)
	}
	good, greet, year := rules[0], rules[3], rules[4]
	if len(good.Signals) != 2 || good.Signals[0].Outcome != engine.Fired || good.Signals[1].Outcome != engine.ConditionFalse ||
		good.Signals[0].Publishes[0].Event.Content != "New: One" || len(good.Signals[0].Publishes[0].Relays) != 2 {
		t.Errorf("of the feed: %+v", good)
	}
	if len(greet.Signals) != 1 || greet.Signals[0].Outcome != engine.Fired || greet.Signals[0].Event.Content != "hello 1" ||
		greet.Signals[0].Publishes[0].Event.Content != "Hi!" {
		t.Errorf("of the mention: %+v", greet)
	}
	if len(year.Signals) != 1 || year.Signals[0].At.Year() != 2100 || year.Signals[0].Publishes[0].Event.Content != "64000 USD" {
		t.Errorf("of the schedule: %+v", year)
	}
	if ok, err := year.Signals[0].Publishes[0].Event.CheckSignature(); !ok || err != nil {
		t.Errorf("what would be published is signed by the bot: %v, %v", ok, err)
	}
	if rules[1].Error == "" || len(rules[2].Signals) != 0 {
		t.Errorf("of what is not there: %+v, %+v", rules[1], rules[2])
	}
}

// TestCheckOnlineWithoutKeys asks that a key that is not there keeps nobody from asking the servers.
func TestCheckOnlineWithoutKeys(t *testing.T) {
	t.Parallel()
	w := newOnlineWorld(t)
	writeConfig(t, filepath.Dir(w.path), strings.Replace(fmt.Sprintf(onlineYAML, w.first.URL(), w.other.URL(), w.web.URL), "BOT_NSEC", "NOT_HERE", 1))
	code, out, said := w.check(t)
	for _, want := range []string{"bot.yaml:2:15: error: identity main: ", "the relay asks for authentication and no identity is set", "410 Gone"} {
		if !strings.Contains(strings.Join(strings.Fields(said), " "), want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
	if code != 2 || !strings.Contains(out, "      kind 1: New: One\n") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// TestCheckOnlineLeavesNoTrace asks that nothing is published or stored, and that a person can read what is said.
func TestCheckOnlineLeavesNoTrace(t *testing.T) {
	t.Parallel()
	w := newOnlineWorld(t)
	for range 2 { // The second finds what the first one would have left.
		_, out, said := w.check(t)
		for _, want := range []string{
			"\n  good\n    fired  feed 1@127.0.0.1\n      kind 1: New: One\n      to ws://127.0.0.1:",
			"condition_false  feed 2@127.0.0.1: not (item.title contains \"[ad]\")\n",
			"\n  nowhere\n    nothing is there\n", "\n  gone\n    could not look\n",
			"fired  schedule 2100-01-01T00:00:00Z\n      kind 1: 64000 USD\n",
			"  silent ws://127.0.0.1:1\n", "wants payment, wants 30 bits of proof of work",
		} {
			if !strings.Contains(out, want) && !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
				t.Errorf("%q is not in\n%s", want, out)
			}
		}
		for line := range strings.Lines(out + said) {
			if n := len([]rune(line)); n > 81 {
				t.Errorf("%d columns: %s", n-1, line)
			}
		}
	}
	if n := len(w.first.Local.Events()) + len(w.other.Local.Events()); n != 1 {
		t.Errorf("the relays have %d events, want the one mention", n)
	}
	for _, r := range []*relaytest.Relay{w.first, w.other} {
		if sent := r.Heard("EVENT"); len(sent) > 0 {
			t.Errorf("events were sent: %s", sent)
		}
	}
	files, err := os.ReadDir(filepath.Dir(w.path))
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v: want bot.yaml alone", files, err)
	}
}
