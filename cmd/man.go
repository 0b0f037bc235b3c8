package cmd

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
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
			page, err := manual(verb)
			if err == nil {
				_, err = a.Out.Write(page)
			}
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
	page, err := manual(verb)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, strings.ReplaceAll(verb.CommandPath(), " ", "-")+".1")
	if err := os.WriteFile(path, page, 0o644); err != nil {
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
func manual(verb *cobra.Command) ([]byte, error) {
	info, _ := debug.ReadBuildInfo()
	verb.Root().DisableAutoGenTag = true
	verb.DisableAutoGenTag = true
	var page bytes.Buffer
	err := doc.GenMan(verb, &doc.GenManHeader{Section: "1", Source: "Rhea " + Version, Manual: "Rhea", Date: buildOf(info).Date}, &page)
	return page.Bytes(), err
}
