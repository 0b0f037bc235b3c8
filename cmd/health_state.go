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
	// checkStateEvery is how often a running bot reads through its state: what it looks for there changes slowly.
	checkStateEvery = time.Minute
	// feedDeadAfter is how long a feed may fail: servers are down for a night.
	feedDeadAfter = 24 * time.Hour
	// clockAhead is how far in the future entries of the state may lie: clocks are corrected by seconds.
	clockAhead = 5 * time.Minute
)

// stateFindings returns what the last check of the state found, after a new check when that is old.
func (h *health) stateFindings(ctx context.Context) map[string]finding {
	h.stateMu.Lock()
	defer h.stateMu.Unlock()
	if h.stateFound == nil || time.Since(h.stateCheckedAt) >= checkStateEvery {
		// A state that cannot be read is a finding of its own, see find.
		if found, err := h.checkState(ctx, h.now()); err == nil {
			h.stateFound, h.stateCheckedAt = found, time.Now()
		}
	}
	return h.stateFound
}

// stateChecks read through the state of a running bot.
type stateChecks struct {
	state   ledger.Reader
	file    *config.File
	ids     map[string]engine.Identity
	started time.Time
}

func (s stateChecks) run(ctx context.Context, now time.Time) (map[string]finding, error) {
	found := make(map[string]finding)
	err := errors.Join(s.profiles(ctx, now, found), s.feeds(ctx, now, found))
	decided, failed := s.state.Decided(ctx)
	if a, ok := fromTheFuture(decided, now); ok && failed == nil {
		found["future"] = a
	}
	return found, errors.Join(err, failed)
}

// profiles finds the profiles and lists of relays that no relay has accepted.
func (s stateChecks) profiles(ctx context.Context, now time.Time, found map[string]finding) error {
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

// unpublished returns a finding for an event that every relay has refused, or that none has accepted for minutes.
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
	if len(items) == 0 || waiting && now.Sub(items[0].Committed) < noOutputAfter {
		return finding{}, false
	}
	text := what + " was taken by no relay"
	if waiting {
		text = what + " is not published yet, no relay takes it"
	}
	text = strings.TrimSuffix(text+": "+strings.Join(why, "; "), ": ")
	return finding{Text: engine.Redact(text), Since: items[0].Committed, warning: true}, true
}

// feeds finds the feeds that have failed for long.
func (s stateChecks) feeds(ctx context.Context, now time.Time, found map[string]finding) error {
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
		if a, ok := feedFailed(f, s.started, now); ok {
			found["feed "+f.Rule+"/"+f.Address] = a
		}
	}
	return err
}

// feedFailed returns a finding for a feed that could not be read for long.
func feedFailed(f feedStatus, started, now time.Time) (finding, bool) {
	since := started
	if f.Read != nil {
		since = *f.Read
	}
	if !slices.Contains([]string{"failing", "gone"}, f.Status) || now.Sub(since) < feedDeadAfter {
		return finding{}, false
	}
	return finding{
		Rule: f.Rule, Since: since, warning: true,
		Text: fmt.Sprintf("cannot read the feed %s: %s", f.Address, f.Note),
	}, true
}

// fromTheFuture returns a finding for a state that was written while the clock was ahead.
func fromTheFuture(newest, now time.Time) (finding, bool) {
	ahead := newest.Sub(now)
	if newest.IsZero() || ahead < clockAhead || engine.Unset(now) {
		return finding{}, false
	}
	return finding{
		Text: fmt.Sprintf("the state was written by a clock that was ahead: its newest entry is dated %s; "+
			"until then limits may hold back too much, and history is out of order; if this machine's clock is behind, set it",
			newest.UTC().Format(time.RFC3339)),
		logAtOnce: true, warning: true,
	}, true
}
