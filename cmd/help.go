package cmd

import (
	"strings"

	"github.com/spf13/cobra"
)

// fitHelp makes the help of a verb and of those below it fit on a terminal.
func fitHelp(c *cobra.Command) {
	c.Long = fill(c.Long, tableWidth)
	for _, below := range c.Commands() {
		fitHelp(below)
	}
}

// helpTemplate is cobra's, with flags that are told on as many lines as they need.
func helpTemplate(c *cobra.Command) string {
	return strings.ReplaceAll(c.UsageTemplate(), ".FlagUsages ", ".FlagUsagesWrapped 80 ")
}

// fill breaks paragraphs anew, and leaves alone what is indented.
func fill(text string, width int) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		if !strings.HasPrefix(p, " ") {
			paragraphs[i] = strings.Join(wrap(strings.ReplaceAll(p, "\n", " "), width), "\n")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}
