package cmd

import (
	"fmt"
	"strings"

	"rhea/engine/config"
)

// notes tell what the bot will do by itself, where somebody may not expect it. There is nothing to mend.
func notes(file *config.File) (all config.Problems) {
	for _, u := range file.Unmarked() {
		names := make([]string, 0, len(u.Rules))
		for _, r := range u.Rules {
			names = append(names, r.Name)
		}
		p := u.Identity.Problem("no-profile",
			fmt.Sprintf("%s answers people (%s) and has no profile here: it is marked as a bot", u.Identity.Name, short(names)),
			fmt.Sprintf(`where no relay has a profile of it, {"bot": true, "name": %q} is published, and bot: true is added to one that is there; `+
				"write profile: { name: … } for your own, or profile: false for neither", names[0]))
		p.Severity = config.Note
		all = append(all, p)
	}
	return all
}

// short lists names, not all if there are many.
func short(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " …"
	}
	return strings.Join(names, ", ")
}
