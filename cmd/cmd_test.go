package cmd_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rhea/actions"
	"rhea/cmd"
	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/triggers"
)

func kinds() engine.Kinds {
	return engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rhea": func() { cmd.Main(kinds()) }})
}

// TestScripts runs every script of testdata/script: each one shows a behaviour of the command line. RELAY is the
// address of a relay of the script's own, SITE that of a server of its files.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			relay := local.New(local.Options{})
			url, err := relay.Listen()
			env.Defer(func() { relay.Close() })
			env.Setenv("RELAY", url)
			site := httptest.NewServer(http.FileServer(http.Dir(env.WorkDir)))
			env.Defer(site.Close)
			env.Setenv("SITE", site.URL)
			env.Setenv("BOT_NSEC", botSecret)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"until": until},
	})
}

// until runs rhea again and again until its output matches: until regexp args...
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until regexp args...")
	}
	wanted := regexp.MustCompile("(?m)" + args[0])
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		err := ts.Exec("rhea", args[1:]...)
		if err == nil && wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("rhea %q has not said %s: %v\n%s%s", args[1:], args[0], err, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
		case <-again.C:
		}
	}
}
