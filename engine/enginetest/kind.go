package enginetest

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
)

// Pubkey returns the public key of a secret one.
func Pubkey(tb testing.TB, key string) string {
	tb.Helper()
	pub, err := nostr.GetPublicKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return pub
}

// Setup is what a trigger of the bot's is built with. Uses are the variables that expressions of the rule name.
func Setup(tb testing.TB, source engine.Source, uses ...string) engine.Setup {
	tb.Helper()
	bot := Pubkey(tb, BotKey)
	return engine.Setup{
		Rule: "test", Stream: "test", Identity: "main", Pubkey: bot, Own: []string{bot},
		Relays: []string{Relay}, Concurrency: 1, Source: source,
		Now:  time.Now,
		Uses: func(name string) bool { return slices.Contains(uses, name) },
	}
}

// Build makes a trigger of a kind.
func Build(tb testing.TB, k engine.TriggerKind, config any, s engine.Setup) engine.Trigger {
	tb.Helper()
	trigger, err := k.Build(config, s)
	if err != nil {
		tb.Fatal(err)
	}
	return trigger
}

// RunFor runs a trigger for a while on the clock of the bubble.
func RunFor(t *testing.T, trigger engine.Trigger, in engine.Intake, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := trigger.Run(ctx, in); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// Sampled asks for one signal, or for the mismatch that a sample was to end in.
func Sampled(tb testing.TB, signals []engine.Signal, err error, want string) {
	tb.Helper()
	if want == "" {
		if err != nil || len(signals) != 1 {
			tb.Fatalf("%d signals and the error %v, want one signal", len(signals), err)
		}
		return
	}
	m, ok := errors.AsType[*engine.Mismatch](err)
	if !ok || m.Reason != want {
		tb.Errorf("the error is %v, want the mismatch %q", err, want)
	}
}

// Preview returns the keys of the newest signals that a trigger finds, with spaces between them.
func Preview(tb testing.TB, trigger engine.Trigger, n int) (keys string, err error) {
	tb.Helper()
	signals, err := trigger.(engine.Previewer).Preview(tb.Context(), time.Now(), n)
	var all []string
	for _, s := range signals {
		all = append(all, s.Key)
	}
	return strings.Join(all, " "), err
}

// Refuses asks a kind to turn a configuration down. Paths are the keys, with spaces between them, that its mistakes must
// name, and says is a word of theirs.
func Refuses(tb testing.TB, k engine.TriggerKind, config any, paths, says string) {
	tb.Helper()
	_, err := k.Build(config, engine.Setup{Rule: "test"})
	if err == nil {
		tb.Fatal("no error")
	}
	if got := strings.Join(pathsOf(err), " "); got != paths {
		tb.Errorf("the mistakes are at %q, want %q: %v", got, paths, err)
	}
	if !strings.Contains(err.Error(), says) {
		tb.Errorf("%q does not say %q", err, says)
	}
}

// Advises asks for the advice with a code about the key at a path; "" for none.
func Advises(tb testing.TB, config engine.Adviser, path, code string) {
	tb.Helper()
	err := config.Advise()
	var at *engine.FieldError
	var advice *engine.Advice
	switch {
	case code == "" && err != nil:
		tb.Errorf("Advise says %v, want nothing", err)
	case code != "" && (!errors.As(err, &at) || !errors.As(err, &advice) || at.Path != path || advice.Code != code):
		tb.Errorf("Advise says %v, want %s about %s", err, code, path)
	}
}

// pathsOf returns the keys that the mistakes in err are about.
func pathsOf(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, pathsOf(e)...)
		}
		return all
	}
	if field, ok := errors.AsType[*engine.FieldError](err); ok {
		return []string{field.Path}
	}
	return nil
}
