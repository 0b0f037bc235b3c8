package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger"
)

// rerunCount is how much of a rule failed before it was changed, and is offered again at the next start.
type rerunCount struct {
	Rule  string `json:"rule"`
	Items int    `json:"items"`
	// TooOld are those of them that max_age stops.
	TooOld int `json:"too_old,omitempty"`
}

// reruns counts what the next start offers again, or returns why that is not known.
func reruns(ctx context.Context, file *config.File) (all []rerunCount, unknown string) {
	if slices.Contains(file.Paths, "stdin") {
		return nil, "" // Its state could be anywhere.
	}
	path := statePath(file, "")
	r, err := control.OpenReader(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ""
	}
	if err == nil {
		all, err = rerunsIn(ctx, r, file)
		err = errors.Join(err, r.Close())
	}
	if err != nil {
		return nil, fmt.Sprintf("the state file %s cannot be read, so what would run again is not known: %v", path, err)
	}
	return all, ""
}

func rerunsIn(ctx context.Context, r ledger.Reader, file *config.File) (all []rerunCount, err error) {
	for i := range file.Rules {
		rule := &file.Rules[i]
		if rule.Disabled || rule.DryRun || !slices.ContainsFunc(rule.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Reruns }) {
			continue
		}
		kept, err := control.Failures(ctx, r, rule.Name)
		if err != nil {
			return nil, err
		}
		n := rerunCount{Rule: rule.Name}
		for _, f := range kept {
			if !f.Outdated(rule) {
				continue
			}
			n.Items++
			if f.TooOld(rule, time.Now()) {
				n.TooOld++
			}
		}
		if n.Items > 0 {
			all = append(all, n)
		}
	}
	return all, nil
}

// printReruns prints what the next start offers again.
func printReruns(w io.Writer, all []rerunCount) {
	for _, n := range all {
		old := ""
		if n.TooOld > 0 {
			old = fmt.Sprintf("; max_age stops %d of them", n.TooOld)
		}
		printLine(w, "%s has changed: the next start offers %s again, once, that failed before%s", n.Rule, screen.Count(n.Items, "item"), old)
	}
}
