package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"rhea/engine"
)

// logger writes to the error stream: readable for a person, or JSON for a machine.
func (a *app) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.logLevel)); err != nil {
		return nil, usage("--log-level: %q is not one of debug, info, warn, error", a.logLevel)
	}
	switch a.logFormat {
	case "json":
		return slog.New(slog.NewJSONHandler(a.Err, &slog.HandlerOptions{Level: level, ReplaceAttr: redact})), nil
	case "text":
		return slog.New(tint.NewTextHandler(a.Err, &tint.Options{
			Level: level, ReplaceAttr: redact, TimeFormat: time.DateTime, NoColor: !a.colours(a.Err),
		})), nil
	default:
		return nil, usage("--log-format: %q is neither text nor json", a.logFormat)
	}
}

// redact takes secret keys out of what is logged, whoever wrote them.
func redact(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		a.Value = slog.StringValue(engine.Redact(v))
	case []string:
		clean := make([]string, len(v))
		for i := range v {
			clean[i] = engine.Redact(v[i])
		}
		a.Value = slog.AnyValue(clean)
	case error:
		if text := v.Error(); engine.Redact(text) != text {
			a.Value = slog.StringValue(engine.Redact(text))
		}
	}
	return a
}

// colours reports whether w is a terminal of somebody who wants colours, or whether they are wanted anyhow: many services
// show them in their logs (NO_COLOR, CLICOLOR_FORCE).
func (a *app) colours(w io.Writer) bool {
	if _, never := a.LookupEnv("NO_COLOR"); never || a.noColor {
		return false
	}
	if force, ok := a.LookupEnv("CLICOLOR_FORCE"); ok && force != "" && force != "0" {
		return true
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// say writes one line for a person.
func say(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...)
}
