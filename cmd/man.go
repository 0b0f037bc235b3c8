package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func (a *app) man() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "man [VERB…]",
		Short: "Print the manual page of a verb",
		Long: "Print the manual page of Rhea or of one verb, in the language of man. With --dir, all pages are written into\n" +
			"a folder: rhea.1, rhea-run.1 and so on.",
		Example: "  rhea man run | man -l -\n  rhea man --dir /usr/local/share/man/man1",
		RunE: func(c *cobra.Command, args []string) error {
			verb, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usage("there is no verb %s; `rhea help` names them", strings.Join(args, " "))
			}
			if dir != "" {
				return failed(a.writeManual(verb, dir))
			}
			if f, ok := a.inner.Out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
				return usage("this page is for man to show: %s | man -l -", strings.Join(append([]string{"rhea man"}, args...), " "))
			}
			_, err = a.Out.Write(manual(verb))
			return failed(err)
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "write the page, and those of the verbs below, into this folder")
	return c
}

// writeManual writes the page of a verb and of all below it.
func (a *app) writeManual(verb *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	err := os.WriteFile(filepath.Join(dir, pageName(verb)+".1"), manual(verb), 0o644)
	if err != nil {
		return err
	}
	for _, below := range verb.Commands() {
		if below.IsAvailableCommand() {
			err = errors.Join(err, a.writeManual(below, dir))
		}
	}
	return err
}

// manual is the page of one verb. It bears the date of the source, so that the same source makes the same page.
func manual(verb *cobra.Command) []byte {
	info, _ := debug.ReadBuildInfo()
	date := ""
	if at := buildOf(info).Date; at != nil {
		date = at.UTC().Format("January 2006")
	}
	verb.InitDefaultHelpFlag()
	return manualPage(verb, date)
}
