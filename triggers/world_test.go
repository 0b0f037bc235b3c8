package triggers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers"
)

// Keys of the people in these tests.
const (
	botKey     = "0000000000000000000000000000000000000000000000000000000000000001"
	aliceKey   = "0000000000000000000000000000000000000000000000000000000000000002"
	bobKey     = "0000000000000000000000000000000000000000000000000000000000000003"
	nobodysKey = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
)

func pubkey(t *testing.T, key string) string {
	t.Helper()
	pub, err := nostr.GetPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

// sign makes a proper event of e, now unless it says otherwise.
func sign(t *testing.T, key string, e nostr.Event) nostr.Event {
	t.Helper()
	if e.CreatedAt == 0 {
		e.CreatedAt = nostr.Now()
	}
	if err := e.Sign(key); err != nil {
		t.Fatal(err)
	}
	return e
}

// setup is what a trigger of the bot's is built with.
func setup(t *testing.T, source engine.Source, uses ...string) engine.Setup {
	t.Helper()
	return engine.Setup{
		Rule: "test", Stream: "test", Identity: "main", Pubkey: pubkey(t, botKey), Own: []string{pubkey(t, botKey)},
		Relays: []string{enginetest.Relay}, Concurrency: 1, Source: source,
		Now:  time.Now,
		Uses: func(name string) bool { return slices.Contains(uses, name) },
	}
}

// kind returns the kind of that name.
func kind(name string) engine.TriggerKind {
	for _, k := range triggers.Kinds() {
		if k.Name == name {
			return k
		}
	}
	panic("no kind " + name)
}

func build(t *testing.T, k engine.TriggerKind, config any, s engine.Setup) engine.Trigger {
	t.Helper()
	trigger, err := k.Build(config, s)
	if err != nil {
		t.Fatal(err)
	}
	return trigger
}

// runFor runs a trigger for a while on the clock of the bubble.
func runFor(t *testing.T, trigger engine.Trigger, in engine.Intake, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := trigger.Run(ctx, in); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func keys(signals []engine.Signal) []string {
	out := make([]string, len(signals))
	for i, s := range signals {
		out[i] = s.Key
	}
	return out
}

// paths returns the keys that the mistakes in err are about.
func paths(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, paths(e)...)
		}
		return all
	}
	if field, ok := errors.AsType[*engine.FieldError](err); ok {
		return []string{field.Path}
	}
	return nil
}

// badConfig is a configuration with the keys and a word that its mistakes must name.
type badConfig struct {
	name   string
	config any
	paths  string
	says   string
}

func testBadConfigs(t *testing.T, k engine.TriggerKind, tests []badConfig) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := k.Build(tt.config, engine.Setup{Rule: "test"})
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.Join(paths(err), " "); got != tt.paths {
				t.Errorf("the mistakes are at %q, want %q: %v", got, tt.paths, err)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%q does not say %q", err, tt.says)
			}
		})
	}
}
