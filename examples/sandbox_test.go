package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rhea/actions"
	"rhea/cmd"
	"rhea/engine"
	"rhea/engine/key"
	"rhea/engine/ledger/sqlite"
	"rhea/triggers"
)

// deadline bounds every wait of a test; nothing here takes that long unless it is broken.
const deadline = 30 * time.Second

// program runs one command line, writes all it has to say to one place and returns the exit code.
type program func(ctx context.Context, args []string, env map[string]string, out io.Writer) int

// rhea is the program as it is shipped.
func rhea(ctx context.Context, args []string, env map[string]string, out io.Writer) int {
	lookup := func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
	kinds := engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
	return cmd.Run(ctx, args, cmd.Streams{In: strings.NewReader(""), Out: out, Err: out, LookupEnv: lookup}, kinds)
}

// bot is a bot.yaml that is tried out. Its runs share one state, as they would on a real machine.
type bot struct {
	program program
	path    string
	state   string
	env     map[string]string
	pubkey  string
}

func newBot(t *testing.T, path string) *bot {
	t.Helper()
	nsec, _ := key.Generate()
	signer, err := key.NewSigner(nsec)
	if err != nil {
		t.Fatal(err)
	}
	return &bot{
		program: rhea, path: path, state: filepath.Join(t.TempDir(), "rhea.db"),
		env: map[string]string{"BOT_NSEC": nsec.Reveal()}, pubkey: signer.PublicKey(),
	}
}

// rhea runs one command that must succeed and returns what it said.
func (b *bot) rhea(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	out := newLogReader()
	args = append(args, "-c", b.path)
	if code := b.program(ctx, args, b.env, out); code != 0 {
		t.Fatalf("rhea %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	if nsec := b.env["BOT_NSEC"]; nsec != "" && strings.Contains(out.String(), nsec) {
		t.Errorf("rhea %s shows the secret key", strings.Join(args, " "))
	}
	return out.String()
}

// runOnce makes one pass over what is due, in a sandbox that is gone afterwards.
func (b *bot) runOnce(t *testing.T) {
	t.Helper()
	b.rhea(t, "run", "--once", "--sandbox", "--state", b.state)
}

// sandbox is a bot at work, with a visitor on its relay.
type sandbox struct {
	*visitor

	// listens waits until rules hear their relay: they do not answer what was said before.
	listens func(rules ...string)
	// stop ends the bot and asks that it has published nothing but what the visitor saw.
	stop func()
}

// run starts the bot in a sandbox. It ends with the test, if not before.
func (b *bot) run(t *testing.T) *sandbox {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	log := newLogReader()
	args := []string{"run", "--sandbox", "--state", b.state, "-c", b.path, "--log-format", "json"}
	ended := make(chan int, 1)
	go func() { ended <- b.program(ctx, args, b.env, log) }()
	end := sync.OnceFunc(func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("rhea %s: exit code %d", strings.Join(args, " "), code)
		}
		if strings.Contains(log.String(), b.env["BOT_NSEC"]) {
			t.Error("the log shows the secret key")
		}
		if t.Failed() {
			t.Logf("the log of the bot:\n%s", log)
		}
	})
	t.Cleanup(end)

	wait := func(what string, said <-chan string) string {
		t.Helper()
		select {
		case relay := <-said:
			return relay
		case code := <-ended:
			ended <- code
			t.Fatal("the bot ended at once")
		case <-time.After(deadline):
			t.Fatalf("the bot did not say %q", what)
		}
		return ""
	}
	relay := wait(sandboxed, log.sandboxed)
	v := visit(t, relay, b.pubkey)
	return &sandbox{
		visitor: v,
		listens: func(rules ...string) {
			t.Helper()
			wait(connected, log.connected)
			deaf := func(rule string) bool { return !b.listens(t, rule, relay) }
			for end := time.Now().Add(deadline); slices.ContainsFunc(rules, deaf); <-time.After(10 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("not all of %s listen", rules)
				}
			}
		},
		stop: func() {
			t.Helper()
			end()
			v.seesNothingElse()
		},
	}
}

// listens reports whether the state says since when a rule hears a relay.
func (b *bot) listens(t *testing.T, rule, relay string) bool {
	t.Helper()
	r, err := sqlite.OpenReadOnly(b.state)
	if err != nil {
		return false // The bot has yet to make it.
	}
	defer r.Close()
	read, err := r.Positions(t.Context(), rule+"/")
	return err == nil && slices.ContainsFunc(slices.Collect(maps.Keys(read)), func(stream string) bool { return strings.HasSuffix(stream, "/"+relay) })
}

// What the bot says when it has a relay of its own, and when it has connected to it.
const (
	sandboxed = "sandbox"
	connected = "relay connected"
)

// logReader keeps what a program says and picks the addresses of relays out of it.
type logReader struct {
	sandboxed, connected chan string

	mu   sync.Mutex
	all  bytes.Buffer
	line []byte
}

func newLogReader() *logReader {
	return &logReader{sandboxed: make(chan string, 1), connected: make(chan string, 1)}
}

// Write implements [io.Writer].
func (l *logReader) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(p)
	l.line = append(l.line, p...)
	for {
		line, rest, ok := bytes.Cut(l.line, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		l.line = rest
		var entry struct{ Msg, Relay string }
		if json.Unmarshal(line, &entry) != nil {
			continue // A card for people.
		}
		switch entry.Msg {
		case sandboxed:
			keepFirst(l.sandboxed, entry.Relay)
		case connected:
			keepFirst(l.connected, entry.Relay)
		}
	}
}

// keepFirst never waits: who writes a log must not be held up.
func keepFirst(c chan string, relay string) {
	select {
	case c <- relay:
	default:
	}
}

func (l *logReader) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
