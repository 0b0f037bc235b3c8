package bot_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/identity"
)

// descend derives as the configuration's keys do, with another function.
func descend(base engine.Identity, path string) (engine.Identity, error) {
	sum := sha256.Sum256([]byte(string(base.Signer.(signer)) + path))
	return engine.Identity{Npub: "npub1" + path, Signer: signer(hex.EncodeToString(sum[:]))}, nil
}

func textOf(t *testing.T) engine.Text {
	t.Helper()
	return engine.NewText("${{ text }}", func(d engine.Data) (string, error) { return d.(*noteData).Text, nil })
}

// derivedBench is a bench whose rule acts as an identity for each text.
func derivedBench(t *testing.T, signals ...engine.Signal) *bench {
	t.Helper()
	b := newBench(signals...)
	b.derive = descend
	b.rule.Derived = &engine.Derived{Path: textOf(t)}
	return b
}

func told(key, text string) engine.Signal {
	return engine.Signal{Key: key, Time: time.Now(), Data: &noteData{Text: text}}
}

func authors(events []nostr.Event, kind int) []string {
	var all []string
	for _, e := range events {
		if e.Kind == kind {
			all = append(all, e.PubKey)
		}
	}
	return all
}

// keyAt is the secret key at a path below the bot's.
func keyAt(t *testing.T, path string) string {
	t.Helper()
	id, err := descend(engine.Identity{Signer: signer(botKey)}, path)
	if err != nil {
		t.Fatal(err)
	}
	return string(id.Signer.(signer))
}

func pubkeyAt(t *testing.T, path string) string {
	t.Helper()
	return signer(keyAt(t, path)).PublicKey()
}

// TestOneIdentityPerPath: one rule, two feeds, two keys; the same feed is the same key.
func TestOneIdentityPerPath(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := derivedBench(t, told("1", "paper"), told("2", "radio"), told("3", "paper"))
		b.rule.Steps[0].Action = actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
			bot := engine.ScopeOf(run.Data).Bot
			if bot.Pubkey != run.Pubkey {
				t.Errorf("expressions see %s, the identity is %s", bot.Pubkey, run.Pubkey)
			}
			return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: bot.Name}}}, nil
		})
		b.rule.RepeatAfter = 0
		b.run(t, time.Second)
		got := map[string]string{}
		for _, e := range b.wire.sent {
			got[e.PubKey] += e.Content + " "
			if ok, err := e.CheckSignature(); !ok || err != nil {
				t.Errorf("the signature of %s: %v", e.Content, err)
			}
		}
		if len(b.wire.sent) != 3 || got[pubkeyAt(t, "paper")] != "main/paper main/paper " || got[pubkeyAt(t, "radio")] != "main/radio " {
			t.Errorf("published as %v", got)
		}
	})
}

// TestWhatWaitedIsSaidByItsIdentity has two items of one feed over a limit: the one that waits is published as the first.
func TestWhatWaitedIsSaidByItsIdentity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := derivedBench(t, told("1", "paper"), told("2", "paper"))
		b.rule.Steps[0].Action = actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
			return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: run.IdempotencyKey}}}, nil
		})
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.run(t, 2*time.Hour)
		if len(b.wire.sent) != 2 {
			t.Fatalf("published %v", b.wire.sent)
		}
		for _, e := range b.wire.sent {
			if e.PubKey != pubkeyAt(t, "paper") {
				t.Errorf("%s is published as %s", e.Content, e.PubKey)
			}
		}
	})
}

// TestDerivedIsOwn: what a derived identity said is not answered, also by a process that did not derive it.
func TestDerivedIsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := derivedBench(t, told("1", "paper"))
		b.run(t, time.Second)
		own := b.wire.sent[0]
		stranger := note(t, strangerKey, "hi", time.Now())
		again := derivedBench(t,
			engine.Signal{Key: own.ID, Time: time.Now(), Event: &own, Data: &noteData{Text: "x"}},
			engine.Signal{Key: stranger.ID, Time: time.Now(), Event: stranger, Data: &noteData{Text: "x"}},
		)
		again.ledger = b.ledger
		again.run(t, time.Second)
		if got := again.watcher.outcomes(); len(got) != 2 || got[0] != engine.Self || got[1] != engine.Fired {
			t.Errorf("outcomes %v, want self and fired", got)
		}
		id, ok, err := identity.New(identity.Options{
			Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer(botKey)}}, Derive: descend, Origins: b.ledger,
		}).Find(t.Context(), own.PubKey)
		if err != nil || !ok || id.Name != "main/paper" || id.Signer.PublicKey() != own.PubKey {
			t.Errorf("Find = %v, %t, %v", id.Name, ok, err)
		}
	})
}

// TestADerivedKeyIsNeverPublished has an action give away the secret key of the identity that the rule has derived.
func TestADerivedKeyIsNeverPublished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		secret := keyAt(t, "paper")
		b := derivedBench(t, told("1", "paper"))
		b.rule.Steps[0].Action = say("it is " + secret)
		b.run(t, time.Second)
		if got := b.wire.texts(); !slices.Equal(got, []string{"it is [redacted]"}) {
			t.Errorf("said %q", got)
		}
	})
}

// TestDerivedLimit: a limit of the rule is one of each identity.
func TestDerivedLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := derivedBench(t, told("1", "paper"), told("2", "paper"), told("3", "radio"))
		b.rule.Limit.Rate = []engine.Rate{{Count: 1, Per: time.Hour}}
		b.run(t, time.Second)
		want := []engine.Outcome{engine.Fired, engine.RateLimited, engine.Fired}
		for i, got := range b.watcher.outcomes() {
			if got != want[i] {
				t.Errorf("signal %d: %s, want %s", i+1, got, want[i])
			}
		}
	})
}

// TestDerivedPath: what makes no path is said, and nothing is published.
func TestDerivedPath(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{false, true} {
		for path, want := range map[string]string{"": "is empty", strings.Repeat("x", 3000): "has 3000 bytes"} {
			synctest.Test(t, func(t *testing.T) {
				b := derivedBench(t, told("1", path))
				b.rule.Uses = map[string]bool{"bot.pubkey": early}
				b.run(t, time.Second)
				d := b.watcher.decisions[0]
				if d.Outcome != engine.ConditionError || !strings.Contains(d.Reason, "identity.path: "+want) || len(b.wire.sent) > 0 {
					t.Errorf("%s: %s; %d events", d.Outcome, d.Reason, len(b.wire.sent))
				}
			})
		}
	}
}

// TestBotInCondition: a condition that names the bot sees the derived one.
func TestBotInCondition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := derivedBench(t, told("1", "paper"))
		b.rule.Uses = map[string]bool{"bot.name": true}
		b.rule.If = []engine.Condition{engine.NewCondition("bot.name == …", func(d engine.Data) (bool, error) {
			return engine.ScopeOf(d).Bot.Name == "main/paper", nil
		})}
		b.run(t, time.Second)
		if got := b.watcher.outcomes(); got[0] != engine.Fired {
			t.Errorf("outcome %s", got[0])
		}
	})
}

// TestIntroduction: a profile comes before the first note, and again only when it has changed; an odd one is tamed.
func TestIntroduction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		name := strings.Repeat("ä", 200)
		b := derivedBench(t, told("1", "paper"), told("2", "paper"), told("3", "paper"), told("4", "radio"))
		field := func(name string, text func() string) engine.ProfileField {
			return engine.ProfileField{Name: name, Text: engine.NewText("", func(engine.Data) (string, error) { return text(), nil })}
		}
		b.rule.Derived.Profile = []engine.ProfileField{
			field("name", func() string { return name }),
			field("about", func() string { return "\x00" }),
			field("picture", func() string { return "javascript:alert(1)" }),
			field("website", func() string { return "https://paper.example/" }),
		}
		b.rule.RepeatAfter = 0
		runs := 0
		b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
			if runs++; runs == 3 {
				<-time.After(100 * time.Millisecond) // The profile before has arrived by then.
				name = "Another"
			}
			return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: "hi"}}}, nil
		})
		b.run(t, time.Second)
		paper, radio := pubkeyAt(t, "paper"), pubkeyAt(t, "radio")
		if got := strings.Join(authors(b.wire.sent, 0), " "); got != paper+" "+paper+" "+radio {
			t.Errorf("profiles by %s", got)
		}
		if len(b.wire.sent) != 7 || b.wire.sent[0].Kind != 0 {
			t.Fatalf("%d events, the first of kind %d", len(b.wire.sent), b.wire.sent[0].Kind)
		}
		var says map[string]any
		if err := json.Unmarshal([]byte(b.wire.sent[0].Content), &says); err != nil {
			t.Fatal(err)
		}
		if len(says) != 3 || says["bot"] != true || says["website"] != "https://paper.example/" ||
			says["name"] != strings.Repeat("ä", 99)+"…" {
			t.Errorf("the profile says %v", says)
		}
	})
}

// TestSilentIsNotIntroduced: a dry run stores nothing, and who says nothing is not introduced.
func TestSilentIsNotIntroduced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := derivedBench(t, told("1", "paper"))
		b.rule.Derived.Profile = []engine.ProfileField{}
		b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) { return engine.Result{}, nil })
		b.run(t, time.Second)
		dry := derivedBench(t, told("2", "paper"))
		dry.rule.Derived.Profile, dry.dry, dry.ledger = []engine.ProfileField{}, true, b.ledger
		dry.run(t, time.Second)
		if len(b.wire.sent)+len(dry.wire.sent) > 0 || len(dry.watcher.decisions[0].Published) != 2 {
			t.Errorf("sent %d and %d; a dry run would publish %v", len(b.wire.sent), len(dry.wire.sent), dry.watcher.decisions[0].Published)
		}
		if at, err := b.ledger.Position(t.Context(), "derived/"+pubkeyAt(t, "paper")); at != "" || err != nil {
			t.Errorf("remembered %q, %v", at, err)
		}
	})
}
