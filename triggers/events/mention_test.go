package events_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/reference"
	"rhea/triggers/events"
)

func npub(t *testing.T, key string) string {
	t.Helper()
	name, err := reference.Npub(enginetest.Pubkey(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestMentionTellsAddressedFromCarriedAlong(t *testing.T) {
	t.Parallel()
	bot, alice := enginetest.Pubkey(t, enginetest.BotKey), enginetest.Pubkey(t, enginetest.AliceKey)
	nprofile, err := reference.Nprofile(bot, "wss://relay.example.com")
	if err != nil {
		t.Fatal(err)
	}
	botsNote := enginetest.Sign(t, enginetest.BotKey, nostr.Event{Kind: 1, Content: "mine", CreatedAt: 1})
	alicesNote := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "hers", CreatedAt: 1})
	p, carried := nostr.Tag{"p", bot}, nostr.Tag{"e", alicesNote.ID, "", "root", alice}
	for _, tt := range []struct {
		name  string
		event nostr.Event
		want  bool
		asks  int
	}{
		{"outside of a thread", nostr.Event{Tags: nostr.Tags{p}}, true, 0},
		{"carried along in a thread", nostr.Event{Tags: nostr.Tags{carried, p}}, false, 0},
		{"named in a thread by npub", nostr.Event{Content: "hi nostr:" + npub(t, enginetest.BotKey) + "!", Tags: nostr.Tags{carried, p}}, true, 0},
		{"named bare", nostr.Event{Content: npub(t, enginetest.BotKey) + " hi", Tags: nostr.Tags{carried, p}}, true, 0},
		{"named by nprofile", nostr.Event{Content: "nostr:" + nprofile, Tags: nostr.Tags{carried, p}}, true, 0},
		{"somebody else is named", nostr.Event{Content: "nostr:" + npub(t, enginetest.BobKey), Tags: nostr.Tags{carried, p}}, false, 0},
		{"named by place", nostr.Event{Content: "hi #[1]", Tags: nostr.Tags{carried, p}}, true, 0},
		{"another place", nostr.Event{Content: "hi #[0] #[11]", Tags: nostr.Tags{carried, p}}, false, 0},
		{"answers the bot, says so", nostr.Event{Tags: nostr.Tags{{"e", botsNote.ID, "", "root", bot}, p}}, true, 0},
		{"answers the bot, does not say so", nostr.Event{Tags: nostr.Tags{{"e", botsNote.ID, "", "root"}, p}}, true, 1},
		{"answers somebody, does not say so", nostr.Event{Tags: nostr.Tags{{"e", alicesNote.ID, "", "root"}, p}}, false, 1},
		{"answers the bot deep in a thread", nostr.Event{Tags: nostr.Tags{
			carried, {"e", botsNote.ID, "", "reply"}, p,
		}}, true, 1},
		{"answers what no relay has", nostr.Event{Tags: nostr.Tags{{"e", nobodysKey, "", "root"}, p}}, false, 1},
		{"comments on an article of the bot", nostr.Event{Kind: 1111, Tags: nostr.Tags{
			{"A", "30023:" + bot + ":x"}, {"K", "30023"}, {"a", "30023:" + bot + ":x"}, {"k", "30023"}, p,
		}}, true, 0},
		{"does not tag the bot", nostr.Event{Content: "nostr:" + npub(t, enginetest.BotKey)}, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source, in := new(enginetest.Source), new(enginetest.Intake)
				source.Add(botsNote, alicesNote)
				config := events.MentionConfig{Kinds: []int{1, 1111}, Direct: true}
				if tt.event.Kind == 0 {
					tt.event.Kind = 1
				}
				e := enginetest.Sign(t, enginetest.BobKey, tt.event)
				time.AfterFunc(time.Second, func() { source.Add(e) })
				enginetest.RunFor(t, enginetest.Build(t, events.MentionKind(), config, enginetest.Setup(t, source)), in, time.Minute)
				if got := len(in.Signals()) == 1; got != tt.want {
					t.Errorf("direct is %t, want %t", got, tt.want)
				}
				told := []string{"no_match " + e.ID + ": the bot is only carried along in the thread's p tags, and direct is true"}
				if tt.want || e.Tags.Find("p") == nil {
					told = nil
				}
				if got := in.Reports(); !slices.Equal(got, told) {
					t.Errorf("the history is told %q, want %q", got, told)
				}
				if got := len(source.Fetched()); got != tt.asks {
					t.Errorf("asked the relays %d times, want %d", got, tt.asks)
				}
			})
		})
	}
}

func TestMentionIndirect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		e := enginetest.Sign(t, enginetest.BobKey, nostr.Event{Kind: 1, Tags: nostr.Tags{{"e", nobodysKey}, {"p", enginetest.Pubkey(t, enginetest.BotKey)}}})
		time.AfterFunc(time.Second, func() { source.Add(e) })
		config := events.MentionConfig{Kinds: []int{1}}
		enginetest.RunFor(t, enginetest.Build(t, events.MentionKind(), config, enginetest.Setup(t, source)), in, time.Minute)
		if len(in.Signals()) != 1 || len(source.Fetched()) != 0 {
			t.Errorf("%d signals after %d questions, want one after none", len(in.Signals()), len(source.Fetched()))
		}
	})
}

func TestMentionWaitsForTheParent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		source.Break(errors.New("no relay answered"))
		parent := enginetest.Sign(t, enginetest.BotKey, nostr.Event{Kind: 1})
		source.Add(parent)
		e := enginetest.Sign(t, enginetest.BobKey, nostr.Event{Kind: 1, Tags: nostr.Tags{{"e", parent.ID, "", "root"}, {"p", parent.PubKey}}})
		time.AfterFunc(time.Second, func() { source.Add(e) })
		time.AfterFunc(time.Minute, func() { source.Break(nil) })
		enginetest.RunFor(t, enginetest.Build(t, events.MentionKind(), events.MentionKind().Defaults, enginetest.Setup(t, source)), in, 2*time.Minute)
		if len(in.Signals()) != 1 {
			t.Error("a mention is lost because its parent could not be looked up at once")
		}
	})
}

// A stranger must not make the bot ask relays with events that the engine turns down anyway.
func TestMentionAsksNothingForWhatIsTurnedDown(t *testing.T) {
	t.Parallel()
	bot := enginetest.Pubkey(t, enginetest.BotKey)
	deep := nostr.Event{Kind: 1, Tags: nostr.Tags{{"e", nobodysKey, "", "root"}, {"p", bot}}}
	for _, tt := range []struct {
		name  string
		event func(t *testing.T) nostr.Event
		late  bool
	}{
		{"too old", func(t *testing.T) nostr.Event {
			old := deep
			old.CreatedAt = nostr.Now() - 3600
			return enginetest.Sign(t, enginetest.BobKey, old)
		}, true},
		{"bad signature", func(t *testing.T) nostr.Event {
			forged := enginetest.Sign(t, enginetest.BobKey, deep)
			forged.Sig = enginetest.Sign(t, enginetest.AliceKey, deep).Sig
			return forged
		}, true},
		{"backlog", func(t *testing.T) nostr.Event { return enginetest.Sign(t, enginetest.BobKey, deep) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source, in := new(enginetest.Source), new(enginetest.Intake)
				s := enginetest.Setup(t, source)
				s.MaxAge = 15 * time.Minute
				e := tt.event(t)
				if tt.late {
					time.AfterFunc(time.Second, func() { source.Add(e) })
				} else {
					source.Add(e)
				}
				enginetest.RunFor(t, enginetest.Build(t, events.MentionKind(), events.MentionKind().Defaults, s), in, time.Minute)
				if got := len(source.Fetched()); got != 0 {
					t.Errorf("asked the relays %d times", got)
				}
				if len(in.Signals())+len(in.Backlog()) != 1 {
					t.Error("the engine did not get to record it")
				}
			})
		})
	}
}

func TestParentIsAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		for i := range 5 {
			e := enginetest.Sign(t, enginetest.BobKey, nostr.Event{
				Kind: 1, Content: fmt.Sprint(i),
				Tags: nostr.Tags{{"e", nobodysKey, "", "root"}, {"p", enginetest.Pubkey(t, enginetest.BotKey)}},
			})
			time.AfterFunc(time.Second, func() { source.Add(e) })
		}
		enginetest.RunFor(t, enginetest.Build(t, events.MentionKind(), events.MentionKind().Defaults, enginetest.Setup(t, source)), in, time.Minute)
		if got := len(source.Fetched()); got != 1 {
			t.Errorf("asked %d times for one parent", got)
		}
	})
}

func TestMentionRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		config      any
		paths, says string
	}{
		{"no kinds", events.MentionConfig{Kinds: []int{}}, "kinds", "would match nothing"},
		{"odd kind", events.MentionConfig{Kinds: []int{70000}}, "kinds.0", "65535"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			enginetest.Refuses(t, events.MentionKind(), tt.config, tt.paths, tt.says)
		})
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	bot, alice := enginetest.Pubkey(t, enginetest.BotKey), enginetest.Pubkey(t, enginetest.AliceKey)
	botsNote := enginetest.Sign(t, enginetest.BotKey, nostr.Event{Kind: 1, Content: "mine", CreatedAt: 1})
	alicesNote := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "hers", CreatedAt: 1})
	article := enginetest.Sign(t, enginetest.BotKey, nostr.Event{Kind: 30023, Content: "long", CreatedAt: 1, Tags: nostr.Tags{{"d", "x"}}})
	p := nostr.Tag{"p", bot}
	for _, tt := range []struct {
		name   string
		event  nostr.Event
		parent *events.Event
	}{
		{"says whom it answers", nostr.Event{Tags: nostr.Tags{{"e", botsNote.ID, "", "root", bot}, p}},
			&events.Event{ID: botsNote.ID, Pubkey: bot, Content: "mine"}},
		{"does not say", nostr.Event{Tags: nostr.Tags{{"e", botsNote.ID, "", "root"}, p}},
			&events.Event{ID: botsNote.ID, Pubkey: bot, Content: "mine"}},
		{"no relay has it any more", nostr.Event{Tags: nostr.Tags{{"e", nobodysKey, "", "root", bot}, p}},
			&events.Event{ID: nobodysKey, Pubkey: bot}},
		{"comments on an article", nostr.Event{Kind: 1111, Tags: nostr.Tags{
			{"A", "30023:" + bot + ":x"}, {"K", "30023"}, {"a", "30023:" + bot + ":x"}, {"k", "30023"}, p,
		}}, &events.Event{ID: article.ID, Pubkey: bot, Content: "long"}},
		{"answers somebody else", nostr.Event{Tags: nostr.Tags{{"e", alicesNote.ID, "", "root", alice}, p}}, nil},
		{"answers somebody else, does not say", nostr.Event{Tags: nostr.Tags{{"e", alicesNote.ID, "", "root"}, p}}, nil},
		{"a mention", nostr.Event{Tags: nostr.Tags{p}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source, in := new(enginetest.Source), new(enginetest.Intake)
				source.Add(botsNote, alicesNote, article)
				if tt.event.Kind == 0 {
					tt.event.Kind = 1
				}
				e := enginetest.Sign(t, enginetest.BobKey, tt.event)
				time.AfterFunc(time.Second, func() { source.Add(e) })
				enginetest.RunFor(t, enginetest.Build(t, events.ReplyKind(), events.ReplyKind().Defaults, enginetest.Setup(t, source)), in, time.Minute)
				signals := in.Signals()
				if tt.parent == nil {
					told := []string{"no_match " + e.ID + ": the event answers nothing that the bot wrote"}
					if e.Tags.Find("e") == nil {
						told = nil // It is no answer at all.
					}
					if got := in.Reports(); !slices.Equal(got, told) {
						t.Errorf("the history is told %q, want %q", got, told)
					}
					if len(signals) != 0 {
						t.Error("it counts as an answer to the bot")
					}
					return
				}
				if len(signals) != 1 {
					t.Fatal("the answer is not noticed")
				}
				got := signals[0].Data.(*events.ReplyData)
				if got.Event.ID != e.ID || got.Author.Pubkey != e.PubKey || got.Parent.ID != tt.parent.ID ||
					got.Parent.Pubkey != tt.parent.Pubkey || got.Parent.Content != tt.parent.Content {
					t.Errorf("parent is %+v", got.Parent)
				}
				if text, err := got.Parent.MarshalJSON(); err != nil || len(text) == 0 {
					t.Errorf("json of the parent: %s, %v", text, err)
				}
			})
		})
	}
}

// TestReplyToAForgottenNote answers a note of the bot that no relay has any more. The state knows who wrote it.
func TestReplyToAForgottenNote(t *testing.T) {
	t.Parallel()
	bot := enginetest.Pubkey(t, enginetest.BotKey)
	mine := enginetest.Sign(t, enginetest.BotKey, nostr.Event{Kind: 1, Content: "mine", CreatedAt: 1})
	hers := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "of another identity", CreatedAt: 1})
	for name, tt := range map[string]struct {
		tag     nostr.Tag
		signals int
		content string
	}{
		"names no author":     {nostr.Tag{"e", mine.ID, "", "reply"}, 1, "mine"},
		"names the author":    {nostr.Tag{"e", mine.ID, "", "reply", bot}, 1, "mine"},
		"another identity's":  {nostr.Tag{"e", hers.ID, "", "reply"}, 0, ""},
		"a note of a nobody":  {nostr.Tag{"e", nobodysKey, "", "reply"}, 0, ""},
		"and says it is ours": {nostr.Tag{"e", nobodysKey, "", "reply", bot}, 1, ""},
	} {
		for _, kind := range []engine.TriggerKind{events.ReplyKind(), events.MentionKind()} {
			t.Run(kind.Name+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					source, in := new(enginetest.Source), new(enginetest.Intake)
					s := enginetest.Setup(t, source)
					s.Wrote = func(_ context.Context, id string) (*nostr.Event, error) {
						for _, e := range []nostr.Event{mine, hers} {
							if e.ID == id {
								return &e, nil
							}
						}
						return nil, nil
					}
					e := enginetest.Sign(t, enginetest.BobKey, nostr.Event{Kind: 1, Tags: nostr.Tags{tt.tag, {"p", bot}}})
					time.AfterFunc(time.Second, func() { source.Add(e) })
					enginetest.RunFor(t, enginetest.Build(t, kind, kind.Defaults, s), in, time.Minute)
					if n := len(in.Signals()); n != tt.signals {
						t.Fatalf("%d signals, want %d", n, tt.signals)
					}
					if tt.signals == 0 || kind.Name != "reply" {
						return
					}
					if prepare := in.Signals()[0].Prepare; prepare != nil {
						prepare(t.Context())
					}
					data := in.Signals()[0].Data.(*events.ReplyData)
					if got := data.Parent; got.Content != tt.content || got.Pubkey != bot {
						t.Errorf("the parent is %+v", got)
					}
					if e, ok := data.Answered(); ok != (tt.content != "") || ok && e.ID != mine.ID {
						t.Errorf("answered was %v", e)
					}
				})
			})
		}
	}
}

func TestReplyPassesOnWhatTheGatesTurnDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		source.Add(enginetest.Sign(t, enginetest.BobKey, nostr.Event{Kind: 1, Tags: nostr.Tags{
			{"e", nobodysKey, "", "root"}, {"p", enginetest.Pubkey(t, enginetest.BotKey)},
		}}))
		enginetest.RunFor(t, enginetest.Build(t, events.ReplyKind(), events.ReplyKind().Defaults, enginetest.Setup(t, source)), in, time.Minute)
		if len(in.Backlog()) != 1 || len(source.Fetched()) != 0 {
			t.Errorf("%d backlog after %d questions, want one after none", len(in.Backlog()), len(source.Fetched()))
		}
	})
}

// TestReplyToALongAddress answers an article whose name is longer than any: what strangers write is remembered, so it is
// not looked up.
func TestReplyToALongAddress(t *testing.T) {
	t.Parallel()
	for length, asked := range map[int]int{900: 1, 1100: 0} {
		synctest.Test(t, func(t *testing.T) {
			source, in, bot := new(enginetest.Source), new(enginetest.Intake), enginetest.Pubkey(t, enginetest.BotKey)
			address := "30023:" + bot + ":" + strings.Repeat("x", length)
			e := enginetest.Sign(t, enginetest.BobKey, nostr.Event{Kind: 1111, Tags: nostr.Tags{
				{"A", address}, {"K", "30023"}, {"a", address}, {"k", "30023"}, {"p", bot},
			}})
			time.AfterFunc(time.Second, func() { source.Add(e) })
			enginetest.RunFor(t, enginetest.Build(t, events.ReplyKind(), events.ReplyKind().Defaults, enginetest.Setup(t, source)), in, time.Minute)
			if len(in.Signals()) != 1 || len(source.Fetched()) != asked {
				t.Errorf("%d characters: %d signals after %d questions, want 1 after %d", length, len(in.Signals()), len(source.Fetched()), asked)
			}
		})
	}
}

var _ engine.Data = (*events.ReplyData)(nil)
