package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger"
)

const (
	// surveyEvery is how often a running bot looks for what changes slowly and takes longer to find.
	surveyEvery = time.Minute
	// feedDeadAfter is how long a feed may fail: servers are down for a night.
	feedDeadAfter = 24 * time.Hour
	// clockAhead is how far what the state holds may lie in the future: clocks are corrected by seconds.
	clockAhead = 5 * time.Minute
)

// surveyedNow returns what the last survey found, after a new one when that is old.
func (v *vitals) surveyedNow(ctx context.Context) map[string]finding {
	v.surveying.Lock()
	defer v.surveying.Unlock()
	if v.surveyed == nil || time.Since(v.surveyedAt) >= surveyEvery {
		// What cannot be read is the state's fault, which is told of elsewhere.
		if found, err := v.survey(ctx, v.now()); err == nil {
			v.surveyed, v.surveyedAt = found, time.Now()
		}
	}
	return v.surveyed
}

// surveyor looks through the state of a running bot.
type surveyor struct {
	state   ledger.Reader
	file    *config.File
	ids     map[string]engine.Identity
	started time.Time
}

func (s surveyor) survey(ctx context.Context, now time.Time) (map[string]finding, error) {
	found := make(map[string]finding)
	err := errors.Join(s.profiles(ctx, now, found), s.feeds(ctx, now, found))
	decided, failed := s.state.Decided(ctx)
	if a, ok := fromTheFuture(decided, now); ok && failed == nil {
		found["future"] = a
	}
	return found, errors.Join(err, failed)
}

// profiles finds what identities say of themselves and no relay takes.
func (s surveyor) profiles(ctx context.Context, now time.Time, found map[string]finding) error {
	for _, r := range profileRules(s.file) {
		id, ok := s.ids[r.Identity]
		if !ok {
			continue
		}
		for kind, what := range map[int]string{0: "the profile", 10002: "the list of its relays", 10050: "the list of its relays for private messages"} {
			items, err := s.state.Newest(ctx, strconv.Itoa(kind)+":"+id.Signer.PublicKey()+":")
			if err != nil {
				return err
			}
			if a, ok := unpublished(items, what, now); ok {
				a.Rule = r.Name
				found["unpublished "+r.Name+"/"+what] = a
			}
		}
	}
	return nil
}

// unpublished tells of an event that no relay has taken, and none will, or none has for minutes.
func unpublished(items []ledger.Item, what string, now time.Time) (finding, bool) {
	waiting := false
	var why []string
	for _, i := range items {
		switch i.State {
		case engine.Accepted:
			return finding{}, false
		case engine.Pending, engine.Retrying:
			waiting = true
		}
		if i.Reason == ledger.Dropped {
			return finding{}, false
		}
		if i.Reason != "" {
			why = append(why, i.Relay+" "+i.Reason)
		}
	}
	if len(items) == 0 || waiting && now.Sub(items[0].Committed) < muteAfter {
		return finding{}, false
	}
	text := what + " was taken by no relay"
	if waiting {
		text = what + " is not published yet, no relay takes it"
	}
	text = strings.TrimSuffix(text+": "+strings.Join(why, "; "), ": ")
	return finding{Text: engine.Redact(text), Since: items[0].Committed, curable: true}, true
}

// feeds finds those that have failed for long.
func (s surveyor) feeds(ctx context.Context, now time.Time, found map[string]finding) error {
	positions := make(map[string]string)
	for _, r := range s.file.Rules {
		for _, stream := range r.Streams() {
			if r.Disabled {
				continue
			}
			of, err := s.state.Positions(ctx, stream)
			if err != nil {
				return err
			}
			maps.Copy(positions, of)
		}
	}
	feeds, err := stateRef{file: s.file}.feedStatus(positions, now)
	for _, f := range feeds {
		if a, ok := dead(f, s.started, now); ok {
			found["feed "+f.Rule+"/"+f.Address] = a
		}
	}
	return err
}

// dead tells of a feed that was not read for long.
func dead(f feedStatus, started, now time.Time) (finding, bool) {
	since := started
	if f.Read != nil {
		since = *f.Read
	}
	if !slices.Contains([]string{"failing", "gone"}, f.Status) || now.Sub(since) < feedDeadAfter {
		return finding{}, false
	}
	return finding{
		Rule: f.Rule, Since: since, curable: true,
		Text: fmt.Sprintf("cannot read the feed %s: %s", f.Address, f.Note),
	}, true
}

// fromTheFuture tells of a state that a clock wrote that was ahead.
func fromTheFuture(newest, now time.Time) (finding, bool) {
	ahead := newest.Sub(now)
	if newest.IsZero() || ahead < clockAhead || engine.Unset(now) {
		return finding{}, false
	}
	return finding{
		Text: fmt.Sprintf("the state was written by a clock that was ahead: its newest entry is dated %s; "+
			"until then limits may hold back too much, and history is out of order; if this machine's clock is behind, set it",
			newest.UTC().Format(time.RFC3339)),
		news: true, curable: true,
	}, true
}
