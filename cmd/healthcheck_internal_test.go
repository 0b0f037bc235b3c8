package cmd

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// TestHealthcheck asks bots that are ill, and that have something to complain of.
func TestHealthcheck(t *testing.T) {
	t.Parallel()
	warning, fatal := control.Alert{Text: "one rule hears nothing"}, control.Alert{Text: "state: the disk is full", Fatal: true}
	for name, tt := range map[string]struct {
		health   []control.Alert
		code     int
		out, err string
	}{
		"well":      {nil, exitFine, "ok: pid", ""},
		"a warning": {[]control.Alert{warning}, exitFine, "warning: one rule hears nothing", ""},
		"ill":       {[]control.Alert{fatal, warning}, exitFailed, "warning: one rule hears nothing", "the bot is not well: state: the disk is full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "rhea.db")
			l, err := sqlite.Open(path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			c, err := control.Serve(path, control.New(control.Options{State: l}), func(context.Context) control.LiveStatus { return control.LiveStatus{Health: tt.health} })
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for _, format := range []string{"text", "json"} {
				var out, errs bytes.Buffer
				streams := Streams{In: strings.NewReader(""), Out: &out, Err: &errs, LookupEnv: func(string) (string, bool) { return "", false }}
				if code := Run(t.Context(), []string{"healthcheck", "--state", path, "-o", format}, streams, engine.Kinds{}); code != tt.code {
					t.Errorf("%s: exit code %d, want %d", format, code, tt.code)
				}
				if format == "text" && (!strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.err)) {
					t.Errorf("it says %s\n%s", &out, &errs)
				}
				if format == "json" && (strings.Contains(out.String(), `"fatal": true`) != (tt.code != 0) || errs.Len() > 0) {
					t.Errorf("it says %s\n%s", &out, &errs)
				}
			}
		})
	}
}
