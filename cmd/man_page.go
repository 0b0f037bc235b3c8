package cmd

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// page is a manual page in the language of man(7).
type page struct{ strings.Builder }

// manualPage writes what a verb says of itself.
func manualPage(verb *cobra.Command, date string) []byte {
	var p page
	name := pageName(verb)
	fmt.Fprintf(&p, ".nh\n.TH \"%s\" \"1\" \"%s\" \"Rhea %s\" \"Rhea\"\n", strings.ToUpper(name), date, Version)
	p.section("NAME")
	p.text(name + " - " + verb.Short)
	p.section("SYNOPSIS")
	p.text("`" + verb.UseLine() + "`")
	p.section("DESCRIPTION")
	p.text(verb.Long)
	if verb.Long == "" {
		p.text(verb.Short)
	}
	p.flags("OPTIONS", verb.NonInheritedFlags())
	p.flags("OPTIONS OF THE VERBS ABOVE", verb.InheritedFlags())
	if verb.Example != "" {
		p.section("EXAMPLE")
		p.asIs(verb.Example)
	}
	p.seeAlso(verb)
	return []byte(p.String())
}

func pageName(verb *cobra.Command) string { return strings.ReplaceAll(verb.CommandPath(), " ", "-") }

func (p *page) section(name string) { fmt.Fprintf(p, "\n.SH %s\n", name) }

// text writes paragraphs. What stands in backquotes is bold, and indented lines stay as they are.
func (p *page) text(text string) {
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			p.WriteString(".PP\n")
		}
		if strings.HasPrefix(paragraph, "  ") {
			p.asIs(paragraph)
			continue
		}
		bold := regexp.MustCompile("`([^`]*)`")
		p.lines(bold.ReplaceAllString(escape(paragraph), `\fB$1\fR`))
	}
}

func (p *page) asIs(text string) {
	p.WriteString(".EX\n")
	p.lines(escape(strings.Trim(text, "\n")))
	p.WriteString(".EE\n")
}

// lines writes lines of which none is an order to man.
func (p *page) lines(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			p.WriteString(`\&`)
		}
		p.WriteString(line + "\n")
	}
}

// escape has backslashes and hyphens printed as they are.
func escape(text string) string { return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text) }

func (p *page) flags(name string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p.section(name)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		written := "`--" + f.Name + "`"
		if f.Shorthand != "" {
			written = "`-" + f.Shorthand + "`, " + written
		}
		if value != "" {
			written += " " + value
		}
		if d := f.DefValue; d != "" && d != "false" && d != "[]" {
			usage += " (default " + strings.Trim(d, "[]") + ")"
		}
		p.WriteString(".TP\n")
		p.text(written)
		p.text(usage)
	})
}

// seeAlso names the verb above and those below.
func (p *page) seeAlso(verb *cobra.Command) {
	var names []string
	if verb.HasParent() {
		names = append(names, pageName(verb.Parent()))
	}
	for _, below := range verb.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, pageName(below))
		}
	}
	if len(names) > 0 {
		p.section("SEE ALSO")
		p.text("`" + strings.Join(names, "(1)`, `") + "(1)`")
	}
}
