package cmd

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/reference"
)

// output is how a verb about the state is asked and answers.
type output struct {
	format string
	state  string
}

// flags are those of every verb about the state.
func (o *output) flags(c *cobra.Command) {
	o.formatFlag(c)
	c.PersistentFlags().StringVar(&o.state, "state", "", "the state file (default: as configured, else rhea.db beside the configuration)")
}

// formatFlag is the one flag of a verb that needs no state.
func (o *output) formatFlag(c *cobra.Command) {
	c.PersistentFlags().StringVarP(&o.format, "output", "o", "text", "how to print: text or json")
}

func (o *output) check() error {
	if o.format != "text" && o.format != "json" {
		return usage("-o: %q is neither text nor json", o.format)
	}
	return nil
}

func (o *output) json() bool { return o.format == "json" }

// printJSON writes one value over several lines.
func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return failed(e.Encode(value))
}

// sinceTime reads a time span before now, or a time.
func sinceTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	d, err := engine.ParseDuration(text)
	if err == nil {
		return now.Add(-d.Std()), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("%s: %q is neither a time span, such as 1h or 7d, nor a time, such as 2026-01-31 or 2026-01-31T18:00:00Z", flag, text)
}

// eventPrefix reads an event's id, or how it begins, as tables show it.
func eventPrefix(text string) (string, error) {
	if id, err := reference.EventID(text); err == nil {
		return id, nil
	}
	hex := strings.TrimSuffix(strings.ToLower(text), "…") // That is how the log writes it.
	if len(hex) < 4 || len(hex) > 64 || strings.Trim(hex, "0123456789abcdef") != "" {
		return "", usage("that is not an event: write an id in hex or its first characters, note1… or nevent1…")
	}
	return hex, nil
}

// isEventID reports whether a key is the id of an event.
func isEventID(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// ruleNames lists the rules of a configuration.
func ruleNames(file *config.File) string {
	names := make([]string, len(file.Rules))
	for i, r := range file.Rules {
		names[i] = r.Name
	}
	return strings.Join(names, ", ")
}
