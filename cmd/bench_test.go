package cmd_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkReplies measures the whole bot over loopback beside the bot that people write by hand with go-nostr, which
// remembers nothing: how many mentions a second each answers with so many in flight, and how long one takes.
func BenchmarkReplies(b *testing.B) {
	other := built(b, goNostr)
	for _, c := range []struct{ flight, turn int }{{64, 512}, {1, 100}} {
		b.Run(fmt.Sprintf("%d in flight", c.flight), func(b *testing.B) {
			r := newRace(b, c.flight, 64)
			r.enter("rhea", func(relay *nullRelay) *exec.Cmd { return startRhea(b, relay, benchConfig) })
			r.enter("go-nostr", func(relay *nullRelay) *exec.Cmd { return startBot(b, relay, other) })
			r.warm()
			for b.Loop() {
				r.turn(c.turn)
			}
			r.report()
		})
	}
}

// BenchmarkPeers does the same with bots for Node, when RHEA_PEERS asks for it: they come from npm.
func BenchmarkPeers(b *testing.B) {
	folder := installed(b)
	node := func(args ...string) func(*nullRelay) *exec.Cmd {
		args[0] = filepath.Join(folder, args[0])
		return func(relay *nullRelay) *exec.Cmd { return startBot(b, relay, "node", args...) }
	}
	for _, c := range []struct{ flight, turn int }{{64, 256}, {1, 50}} {
		b.Run(fmt.Sprintf("%d in flight", c.flight), func(b *testing.B) {
			r := newRace(b, c.flight, 64)
			r.enter("rhea", func(relay *nullRelay) *exec.Cmd { return startRhea(b, relay, benchConfig) })
			r.enter("nostr-tools", node("nostr-tools.mjs"))
			r.enter("nostr-tools-wasm", node("nostr-tools.mjs", "wasm"))
			r.enter("ndk", node("ndk.mjs"))
			r.warm()
			for b.Loop() {
				r.turn(c.turn)
			}
			r.report()
		})
	}
}

// guardedConfig is benchConfig with all guards as they are for a bot whose owner has said nothing of them, but for those that
// would end the measurement: the rates of the rule and of the identity.
var guardedConfig = strings.NewReplacer(
	"limit: { rate: 0, author: 0, thread: 0 }", "limit: { rate: 100000000/1h }",
	"    loops: { bots: allow, patience: 0 }\n", "",
).Replace(benchConfig)

// BenchmarkGuards measures what the guards cost: the same bot with all of them and with none answers 500 people, whom
// it has met. Nobody asks more than five times, for the guards let ten pass in an hour.
func BenchmarkGuards(b *testing.B) {
	const people, turns = 500, 4
	for b.Loop() {
		r := newRace(b, 64, people)
		r.enter("guarded", func(relay *nullRelay) *exec.Cmd { return startRhea(b, relay, guardedConfig) })
		r.enter("unguarded", func(relay *nullRelay) *exec.Cmd { return startRhea(b, relay, benchConfig) })
		r.warm()
		for range turns {
			r.turn(people)
		}
		r.report()
	}
}
