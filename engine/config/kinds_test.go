package config_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rhea/engine"
)

// The kinds of these tests have the names and keys of the real ones and do nothing.

type eventData struct {
	engine.Scope
	Event  *event  `expr:"event"`
	Author *author `expr:"author"`
	Relay  string  `expr:"relay"`
}

type event struct {
	ID        string     `expr:"id"`
	Pubkey    string     `expr:"pubkey"`
	CreatedAt time.Time  `expr:"created_at"`
	Kind      int        `expr:"kind"`
	Tags      [][]string `expr:"tags"`
	Content   string     `expr:"content"`
}

func (e *event) Hashtags() []string          { return nil }
func (e *event) Tag(string) string           { return "" }
func (e *event) TagsOf(name string) []string { return nil }

type author struct {
	Pubkey string  `expr:"pubkey"`
	Name   *string `expr:"name"`
}

type feedData struct {
	engine.Scope
	Item struct {
		Title string `expr:"title"`
		Link  string `expr:"link"`
	} `expr:"item"`
}

type scheduleData struct {
	engine.Scope
	Schedule struct {
		Time   time.Time `expr:"time"`
		Missed int       `expr:"missed"`
	} `expr:"schedule"`
}

type nothing struct{}

func (nothing) Run(context.Context, engine.Intake) error { return nil }

func (nothing) Act(context.Context, engine.Run) (engine.Result, error) { return engine.Result{}, nil }

// answer is an action that needs an event.
type answer struct{ nothing }

func (answer) NeedsEvent() bool { return true }

type nostrConfig struct {
	Kinds   []int               `yaml:"kinds"`
	Authors []string            `yaml:"authors"`
	Tags    map[string][]string `yaml:"tags"`
	Search  string              `yaml:"search"`
	Relays  engine.Relays       `yaml:"relays"`
	Since   *time.Time          `yaml:"since"`
	Filters []nostrFilter       `yaml:"filters"`
}

type nostrFilter struct {
	Kinds []int `yaml:"kinds"`
}

type mentionConfig struct {
	Kinds  []int         `yaml:"kinds"`
	Direct bool          `yaml:"direct"`
	Relays engine.Relays `yaml:"relays"`
}

type feedConfig struct {
	URL      string   `yaml:"url"`
	URLs     []string `yaml:"urls"`
	MaxItems uint8    `yaml:"max_items"`
}

type scheduleConfig struct {
	Cron     string           `yaml:"cron"`
	Every    *engine.Duration `yaml:"every"`
	Timezone string           `yaml:"timezone"`
}

type publishConfig struct {
	Kind     int              `yaml:"kind"`
	Content  engine.Text      `yaml:"content"`
	Hashtags engine.Strings   `yaml:"hashtags"`
	Tags     []engine.Strings `yaml:"tags"`
	PoW      float64          `yaml:"pow"`
}

type replyConfig struct {
	Content engine.Text `yaml:"content"`
}

type httpConfig struct {
	URL    engine.Text            `yaml:"url"`
	Body   engine.Value           `yaml:"body"`
	Secret *engine.SecretRef      `yaml:"secret"`
	Header map[string]engine.Text `yaml:"headers"`
	When   engine.Condition       `yaml:"when"`
}

func kinds() engine.Kinds {
	nostr := func(any) (engine.Trigger, error) { return nothing{}, nil }
	return engine.Kinds{
		Triggers: []engine.TriggerKind{
			engine.NewTriggerKind[nostrConfig, eventData]("nostr", nostrConfig{},
				func(c nostrConfig, _ engine.Setup) (engine.Trigger, error) { return nostr(c) }).Answering(15 * time.Minute),
			engine.NewTriggerKind[mentionConfig, eventData]("mention", mentionConfig{Kinds: []int{1}, Direct: true},
				func(c mentionConfig, _ engine.Setup) (engine.Trigger, error) { return nostr(c) }).Answering(15 * time.Minute),
			engine.NewTriggerKind[feedConfig, feedData]("feed", feedConfig{MaxItems: 10},
				func(c feedConfig, _ engine.Setup) (engine.Trigger, error) {
					if c.URL == "" && len(c.URLs) == 0 {
						return nil, engine.Required("url")
					}
					return nothing{}, nil
				}),
			engine.NewTriggerKind[scheduleConfig, scheduleData]("schedule", scheduleConfig{},
				func(c scheduleConfig, _ engine.Setup) (engine.Trigger, error) {
					var errs []error
					if c.Cron != "" && len(strings.Fields(c.Cron)) != 5 {
						errs = append(errs, engine.At("cron", fmt.Errorf("%q does not have 5 fields", c.Cron)))
					}
					if c.Timezone == "Mars" {
						errs = append(errs, engine.At("timezone", errors.New("there is no such time zone")))
					}
					return nothing{}, errors.Join(errs...)
				}),
		},
		Actions: []engine.ActionKind{
			engine.NewActionKind("publish", publishConfig{Kind: 1}, func(c publishConfig) (engine.Action, error) {
				if len(c.Tags) > 1 {
					return nil, engine.At("tags", engine.At("1", errors.New("too many tags")))
				}
				return nothing{}, nil
			}),
			engine.NewActionKind("reply", replyConfig{}, func(c replyConfig) (engine.Action, error) {
				if c.Content.IsZero() {
					return nil, engine.Required("content")
				}
				return answer{}, nil
			}),
			engine.NewActionKind("http", httpConfig{}, func(httpConfig) (engine.Action, error) { return nothing{}, nil }),
			engine.NewActionKind("log", replyConfig{}, func(replyConfig) (engine.Action, error) { return nothing{}, nil }),
		},
	}
}
