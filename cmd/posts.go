package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/screen"
)

func (a *app) posts() *cobra.Command {
	var o output
	var since string
	var number int
	c := &cobra.Command{
		Use:   "posts [RULE]",
		Short: "Say what the bot has said, and to whom",
		Long: "Say what the bot has said, and to whom, newest last: all that its rules have made, or one of them, with what became\n" +
			"of it at each relay. Works while the bot runs and when it does not; it goes back 30 days.",
		Example: "  rhea posts\n  rhea posts greet --since 1d\n  rhea posts -o json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if err := o.check(); err != nil {
				return err
			}
			if number < 1 {
				return usage("-n %d: write 1 or more", number)
			}
			from, err := sinceTime("--since", since, time.Now())
			if err != nil {
				return err
			}
			s, r, err := a.openState(o.state)
			if err != nil {
				return err
			}
			defer func() { err = joinFailed(err, r.Close()) }()
			rule := strings.Join(args, "")
			found, err := s.posts(c.Context(), r, rule, from, number)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				if err := s.checkRule(nil, rule); rule != "" && err != nil {
					return err
				}
			}
			if o.json() {
				return printJSON(a.Out, struct {
					Posts []post `json:"posts"`
				}{found})
			}
			a.listPosts(found, time.Now())
			return nil
		},
	}
	o.flags(c)
	c.Flags().StringVar(&since, "since", "", "only since: a time span, such as 1h or 7d, or a time")
	c.Flags().IntVarP(&number, "number", "n", 20, "how many at most, the newest")
	return c
}

func (a *app) listPosts(found []post, now time.Time) {
	if len(found) == 0 {
		printLine(a.Out, "Nothing was said.")
	}
	for i, p := range slices.Backward(found) {
		if i < len(found)-1 {
			printLine(a.Out, "")
		}
		first := screen.Since(p.Made, now) + " · " + p.Rule + " · " + p.title()
		if p.To != nil {
			first += " to " + p.To.called()
		}
		a.printHead(first)
		a.printPost("  ", p)
	}
}

// title says what it is and who wrote it.
func (p post) title() string {
	by := shortNpub(p.Npub)
	if p.Identity != "" {
		by = p.Identity + " (" + by + ")"
	}
	what, _, _ := strings.Cut(p.what, " in the thread of ") // The event that was answered is told by its author.
	return what + " by " + by
}

// called is how a line calls somebody.
func (p *person) called() string {
	if p.Name == "" {
		return shortNpub(p.Npub)
	}
	return screen.Clip(screen.OneLine(p.Name), 40) + " (" + shortNpub(p.Npub) + ")"
}

// shortNpub is a public key by its beginning and end.
func shortNpub(npub string) string {
	if len(npub) < 20 {
		return npub
	}
	return npub[:12] + "…" + npub[len(npub)-4:]
}

// printHead prints the first line of an entry, which may need two.
func (a *app) printHead(text string) {
	for i, line := range screen.Hang("", "  ", screen.OneLine(text), screen.Width) {
		if i == 0 {
			line = a.paint().Bold(line)
		}
		printLine(a.Out, "%s", line)
	}
}

// excerptLines is how many lines of a text are printed.
const excerptLines = 3

// printPost prints what was said, what became of it, and its link, which stays whole.
func (a *app) printPost(indent string, p post) {
	width := screen.Width - len(indent)
	lines := screen.Excerpt(p.Content, width, excerptLines)
	states := make([]string, len(p.Relays))
	for i, r := range p.Relays {
		states[i] = strings.TrimPrefix(screen.HideTokens(r.Relay), "wss://") + " " + string(r.State)
	}
	lines = append(lines, screen.Wrap(screen.OneLine(strings.Join(states, ", ")), width)...)
	for _, line := range append(lines, p.Link) {
		printLine(a.Out, "%s%s", indent, line)
	}
}
