package cmd_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// aboutPeople limits what a relay does to questions for profiles.
func aboutPeople(does func(c *relaytest.Conn, m relaytest.Message) (pass bool)) relaytest.Behaviour {
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		return !asksForKind(m, nostr.KindProfileMetadata) || does(c, m)
	}}
}

// asksForKind reports whether a message is a question for events of one kind.
func asksForKind(m relaytest.Message, kind int) bool {
	f := m.Filters()
	return len(f) == 1 && len(f[0].Kinds) == 1 && f[0].Kinds[0] == kind
}

// answersLate answers questions for profiles after a while.
func answersLate(d time.Duration) relaytest.Behaviour {
	return aboutPeople(func(c *relaytest.Conn, m relaytest.Message) bool {
		time.AfterFunc(d, func() { c.Receive(m) })
		return false
	})
}

// forgesProfiles sends profiles that their authors have not signed.
func forgesProfiles() relaytest.Behaviour {
	return relaytest.Behaviour{Says: func(_ *relaytest.Conn, m relaytest.Message) []relaytest.Message {
		if e, ok := m.Event(); ok && e.Kind == nostr.KindProfileMetadata {
			m = relaytest.Say("EVENT", m.ID(), relaytest.Forged(e))
		}
		return []relaytest.Message{m}
	}}
}

// detailOf is what a gate said about an event.
func detailOf(t *testing.T, ledger *memory.Ledger, event, gate string) string {
	t.Helper()
	decisions, err := ledger.History(t.Context(), engine.HistoryQuery{Event: event})
	if err != nil || len(decisions) != 1 {
		t.Fatalf("%d decisions, %v", len(decisions), err)
	}
	for _, v := range decisions[0].Gates {
		if v.Gate == gate {
			return v.Detail
		}
	}
	return "nothing"
}

// profileBy is what the nth person says of itself.
func profileBy(t *testing.T, n int, content string) nostr.Event {
	t.Helper()
	e := nostr.Event{Kind: nostr.KindProfileMetadata, Content: content, CreatedAt: nostr.Now()}
	if err := e.Sign(fmt.Sprintf("%064x", n)); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestBotsAreNeverAnswered has a bot speak to the bot while the relays that could say what it is have troubles.
func TestBotsAreNeverAnswered(t *testing.T) {
	t.Parallel()
	bot := `{"name":"other","bot":true}`
	never := aboutPeople(func(*relaytest.Conn, relaytest.Message) bool { return false })
	refuses := aboutPeople(func(c *relaytest.Conn, m relaytest.Message) bool {
		c.Send(relaytest.Say("CLOSED", m.ID(), "restricted: no"))
		return false
	})
	for name, tt := range map[string]struct {
		profile  string
		one, two []relaytest.Behaviour // the first relay has the profile
		down     bool                  // the second relay is
		within   time.Duration         // after which the answer, if there is to be one, must be there
		answered bool
		says     string // the detail of the loop gate
	}{
		"all is well":                    {bot, nil, nil, false, time.Second, false, "is a bot"},
		"the other relay is down":        {bot, nil, nil, true, time.Second, false, "is a bot"},
		"a person":                       {`{"name":"alice"}`, nil, nil, false, time.Second, true, ""},
		"a person, a relay is down":      {`{"name":"alice"}`, nil, nil, true, time.Second, true, ""},
		"a person, a relay is silent":    {`{"name":"alice"}`, nil, []relaytest.Behaviour{never}, false, time.Second, true, ""},
		"a slow relay":                   {bot, []relaytest.Behaviour{answersLate(2 * time.Second)}, nil, false, 15 * time.Second, false, "is a bot"},
		"a very slow relay":              {bot, []relaytest.Behaviour{answersLate(9 * time.Second)}, []relaytest.Behaviour{never}, false, 15 * time.Second, false, "is a bot"},
		"nobody answers":                 {bot, []relaytest.Behaviour{never}, []relaytest.Behaviour{never}, false, 11 * time.Second, true, "no relay could say"},
		"everybody refuses":              {bot, []relaytest.Behaviour{refuses}, []relaytest.Behaviour{refuses}, false, time.Second, true, "no relay could say"},
		"a forged profile":               {bot, []relaytest.Behaviour{forgesProfiles()}, nil, false, time.Second, true, ""},
		"a profile that is far too long": {`{"bot":true,"about":"` + strings.Repeat("x", 100<<10) + `"}`, nil, nil, false, time.Second, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				one, two := net.New(t, "one.test", local.Options{}, tt.one...), net.New(t, "two.test", local.Options{}, tt.two...)
				if tt.down {
					two.Stop()
				}
				ledger := memory.New()
				b := assemble(t, net, ledger, fmt.Sprintf(outageYAML, one.URL(), two.URL()))
				pass(5 * time.Second)
				one.Publish(profileBy(t, 7, tt.profile))
				e := noteOf(t, 7, nostr.Tags{{"p", b.pubkey}})
				one.Publish(e)
				pass(tt.within)
				b.stop()
				if got := len(written(one, b.pubkey))+len(written(two, b.pubkey)) > 0; got != tt.answered {
					t.Errorf("answered: %v", got)
				}
				if got := detailOf(t, ledger, e.ID, "loop"); !strings.Contains(got, tt.says) || tt.says == "" && got != "" {
					t.Errorf("the loop gate says %q, want %q", got, tt.says)
				}
			})
		})
	}
}

// TestCrowd has a hundred people write at once: they are looked up together.
func TestCrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, answersLate(50*time.Millisecond))
		b := assemble(t, net, memory.New(), chatty(r.URL(), answers))
		pass(5 * time.Second)
		for n := range 100 {
			r.Publish(noteOf(t, 100+n, nostr.Tags{{"p", b.pubkey}, {"n", fmt.Sprint(n)}}))
		}
		pass(5 * time.Second)
		b.stop()
		asked, people := 0, 0
		for _, m := range r.Heard("REQ") {
			if asksForKind(m, nostr.KindProfileMetadata) {
				asked++
				people += len(m.Filters()[0].Authors)
			}
		}
		if people != 100 || asked > 5 {
			t.Errorf("%d people were asked for in %d questions", people, asked)
		}
	})
}

// TestNothingIsLookedUpInVain counts the questions of bots that need no answer.
func TestNothingIsLookedUpInVain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule string
		want int
	}{
		"guarded":                     {"", 1},
		"bots are answered too":       {"    loops: { bots: allow }\n", 0},
		"the condition does not hold": {"    if: event.content == \"something else\"\n", 0},
		"a name":                      {"    loops: { bots: allow }\n    if: author.name != \"x\"\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{})
				b := assemble(t, net, memory.New(), chatty(r.URL(), answers)+tt.rule)
				pass(time.Second)
				for range 3 {
					pass(time.Second)
					r.Publish(noteOf(t, 7, nostr.Tags{{"p", b.pubkey}, {"n", time.Now().String()}}))
				}
				pass(time.Second)
				b.stop()
				asked, mutes := 0, 0
				for _, m := range r.Heard("REQ") {
					if asksForKind(m, nostr.KindProfileMetadata) {
						asked++
					}
					if asksForKind(m, 10000) {
						mutes++
					}
				}
				if asked != tt.want || mutes > 1 {
					t.Errorf("asked %d times for the author and %d times for the mute list, want %d and 1", asked, mutes, tt.want)
				}
			})
		})
	}
}
