package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/lmittmann/tint"

	"rhea/cmd/screen"
)

// logger writes to the error stream: readable for a person, or JSON for a machine.
func (a *app) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.logLevel)); err != nil {
		return nil, usage("--log-level: %q is not one of debug, info, warn, error", a.logLevel)
	}
	var to slog.Handler
	switch a.logFormat {
	case "json":
		to = slog.NewJSONHandler(a.Err, &slog.HandlerOptions{Level: level, ReplaceAttr: a.guard})
	case "text":
		to = tint.NewTextHandler(a.lines, &tint.Options{
			Level: level, ReplaceAttr: a.guardLine, TimeFormat: time.DateTime, NoColor: !a.colours(a.inner.Err),
		})
	default:
		return nil, usage("--log-format: %q is neither text nor json", a.logFormat)
	}
	return slog.New(calm{to, a.repeats, ""}), nil
}

// guardLine is guard for lines that people read: a stranger's text cannot leave its line, nor control the
// terminal, and ids are short.
func (a *app) guardLine(groups []string, attr slog.Attr) slog.Attr {
	attr = a.guard(groups, attr)
	return replaceText(attr, func(s string) string { return screen.ShortIDs(screen.OneLine(s)) })
}

// guard takes secret keys and relays' tokens out of what is logged, whoever wrote them.
func (a *app) guard(_ []string, attr slog.Attr) slog.Attr {
	return replaceText(attr, func(s string) string { return screen.HideTokens(a.secrets.Redact(s)) })
}

// replaceText changes the texts of an attribute, whatever their type.
func replaceText(attr slog.Attr, change func(string) string) slog.Attr {
	attr.Key = change(attr.Key)
	switch v := attr.Value.Any().(type) {
	case string:
		attr.Value = slog.StringValue(change(v))
	case []string:
		clean := make([]string, len(v))
		for i := range v {
			clean[i] = change(v[i])
		}
		attr.Value = slog.AnyValue(clean)
	default:
		if attr.Value.Kind() != slog.KindAny {
			break
		}
		if text := fmt.Sprint(v); change(text) != text {
			attr.Value = slog.StringValue(change(text))
		}
	}
	return attr
}

// printLine writes one line for a person.
func printLine(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...)
}
