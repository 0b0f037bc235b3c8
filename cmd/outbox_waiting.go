package cmd

import (
	"context"
	"time"

	"rhea/cmd/control"
)

// waitingJSON is a signal that waits.
type waitingJSON struct {
	Rule    string     `json:"rule"`
	Key     string     `json:"key"`
	Trigger string     `json:"trigger"`
	Since   *time.Time `json:"since"`
	// Author is a public key, "" for feeds and schedules.
	Author string `json:"author"`
	// Words are the first of what it says, on one line.
	Words string `json:"words"`
}

// waiting reads what waits for a rule, or for any without one, at most n of it, 0 for all. More says that there is more.
func (s stateRef) waiting(ctx context.Context, rule string, n int) (found []waitingJSON, more bool, err error) {
	r, err := s.reader()
	if err != nil {
		return nil, false, err
	}
	found = []waitingJSON{}
	for w, e := range control.Waiting(ctx, r, rule) {
		if more = n > 0 && len(found) == n; e != nil || more {
			err = e
			break
		}
		i := w.Info()
		found = append(found, waitingJSON{w.Rule, w.Key, i.Trigger, moment(i.Since), i.Author, oneLine(i.Words)})
	}
	return found, more, joinFailed(err, r.Close())
}

func (a *app) listWaiting(found []waitingJSON, more bool, now time.Time) {
	say(a.Out, "Waiting for a limit of their rule, in this order:")
	t := table{columns: []column{
		{title: "KEY", least: 8}, {title: "RULE", least: 8}, {title: "SINCE"}, {title: "AUTHOR"}, {title: "WORDS", least: 20},
	}}
	for _, w := range found {
		key, since := w.Key, ""
		if isEventID(key) {
			key = short(key)
		}
		if w.Since != nil {
			since = ago(*w.Since, now)
		}
		author := w.Author
		if author != "" {
			author = short(author)
		}
		t.add(key, w.Rule, since, author, w.Words)
	}
	t.write(a.Out)
	if more {
		say(a.Out, "… and more; -n 0 lists all")
	}
}
