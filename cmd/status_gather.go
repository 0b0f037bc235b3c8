package cmd

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/relay"
)

// statusSpan is how far back the outcomes in the status are counted.
const statusSpan = 24 * time.Hour

// status is everything that `rhea status` prints; its JSON is what scripts read.
type status struct {
	At    time.Time          `json:"at"`
	State string             `json:"state"`
	Bot   *control.BotStatus `json:"bot"` // nil when no bot runs, or it cannot be asked
	// Unasked is why the bot that runs cannot be asked.
	Unasked string        `json:"unasked,omitempty"`
	Rules   []ruleStatus  `json:"rules"`
	Relays  []relayStatus `json:"relays"`
	Outbox  outboxStatus  `json:"outbox"`
	Feeds   []feedStatus  `json:"feeds"`
	// Health is what is wrong with the running bot, the worst first.
	Health []control.Alert `json:"health"`
	// Slowed lists since when and why strangers are answered at the pace of flood_stop only.
	Slowed []engine.Hold `json:"slowed,omitempty"`
}

type ruleStatus struct {
	Rule string `json:"rule"`
	// Configured is false for a rule that only left its traces.
	Configured bool          `json:"configured"`
	Disabled   bool          `json:"disabled"`
	DryRun     bool          `json:"dry_run"`
	Holds      []engine.Hold `json:"holds"`
	Fired      *time.Time    `json:"fired"`
	Accepted   *time.Time    `json:"accepted"`
	Next       *time.Time    `json:"next"`
	// Waiting is how many signals wait for a limit of the rule.
	Waiting  int                    `json:"waiting"`
	Outcomes map[engine.Outcome]int `json:"outcomes"`
	// Failed is the last error of the rule; left out when it has run well since.
	Failed *failedStatus `json:"failed,omitempty"`
}

// failedStatus is how a rule failed last.
type failedStatus struct {
	At      time.Time      `json:"at"`
	Outcome engine.Outcome `json:"outcome"`
	Reason  string         `json:"reason"`
}

func failedOf(r *ledger.RuleReport) *failedStatus {
	if r.Failed == nil {
		return nil
	}
	return &failedStatus{r.Failed.At.UTC(), r.Failed.Outcome, r.Failed.Reason}
}

type relayStatus struct {
	Relay string `json:"relay"`
	// Up is nil when no bot runs, or it has no connection to the relay.
	Up       *bool                `json:"up"`
	Failure  string               `json:"failure,omitempty"`
	Retry    *time.Time           `json:"retry,omitempty"`
	Owed     int                  `json:"owed"`
	Oldest   *time.Time           `json:"oldest"`
	Answered *time.Time           `json:"answered"`
	Answer   engine.DeliveryState `json:"answer"`
	Reason   string               `json:"reason,omitempty"`
	// Gap names which events of the relay the running bot may have missed.
	Gap string `json:"gap,omitempty"`
	// Refused are the queries of the running bot that the relay does not serve: their rules hear nothing from it.
	Refused []control.RefusedQuery `json:"refused,omitempty"`
}

type outboxStatus struct {
	Owed     int        `json:"owed"`
	Oldest   *time.Time `json:"oldest"`
	Accepted int        `json:"accepted"`
	Rejected int        `json:"rejected"`
	GivenUp  int        `json:"given_up"`
}

// status gathers everything.
func (s stateRef) status(ctx context.Context, now time.Time) (st status, err error) {
	st = status{At: now.UTC().Truncate(time.Second), State: s.path, Health: []control.Alert{}}
	live, err := control.Ask(ctx, s.path)
	if errors.Is(err, control.ErrNoChannel) {
		st.Unasked, err = err.Error(), nil
	}
	if err != nil {
		return st, failed(err)
	}
	r, err := s.reader()
	if err != nil {
		return st, err
	}
	defer func() { err = joinFailed(err, r.Close()) }()
	rules, err := r.Rules(ctx, now.Add(-statusSpan))
	if err != nil {
		return st, err
	}
	relays, err := r.RelayReports(ctx)
	if err != nil {
		return st, err
	}
	positions, err := r.Positions(ctx, "")
	if err != nil {
		return st, err
	}
	next := make(map[string]time.Time)
	if s.file != nil {
		coming, err := nextRuns(ctx, s.file.Rules, s.path, now, 1)
		if err != nil {
			return st, err
		}
		for _, c := range coming {
			if t, ok := next[c.rule]; !ok || c.Time.Before(t) {
				next[c.rule] = c.Time
			}
		}
	}
	st.Rules = s.ruleStatus(rules, positions, next)
	if live != nil {
		st.Bot, st.Health = &live.BotStatus, append(st.Health, live.Health...)
	}
	st.Relays = s.relayStatus(relays, live)
	st.Outbox = sumOutbox(relays)
	st.Slowed = crowdsOf(positions)
	st.Feeds, err = s.feedStatus(positions, now)
	return st, err
}

// linksOf returns the status of the connections of a running bot.
func linksOf(n *relay.Network) []control.LinkStatus {
	var links []control.LinkStatus
	for _, s := range n.Status() {
		link := control.LinkStatus{Relay: s.URL, Up: s.Up, Failure: engine.Redact(s.Failure), Next: screen.Moment(s.Next), Gap: s.Gap, Queries: s.Queries}
		for _, q := range s.Refused {
			link.Refused = append(link.Refused, control.RefusedQuery{
				Query: q.Query, Reason: engine.Redact(q.Reason), Since: q.Since.UTC().Truncate(time.Second),
			})
		}
		links = append(links, link)
	}
	return links
}

func (s stateRef) ruleStatus(
	reports map[string]*ledger.RuleReport, positions map[string]string, next map[string]time.Time,
) []ruleStatus {
	all := []ruleStatus{}
	add := func(name string, rule *engine.Rule) {
		report := reports[name]
		if report == nil {
			report = &ledger.RuleReport{Outcomes: make(map[engine.Outcome]int)}
		}
		all = append(all, ruleStatus{
			Rule: name, Configured: rule != nil, Disabled: rule != nil && rule.Disabled, DryRun: rule != nil && rule.DryRun,
			Holds: control.Holds(positions, name), Fired: screen.Moment(report.Fired), Accepted: screen.Moment(report.Accepted),
			Next: screen.Moment(next[name]), Waiting: report.Waiting, Outcomes: report.Outcomes,
			Failed: failedOf(report),
		})
	}
	configured := make(map[string]bool)
	if s.file != nil {
		for i := range s.file.Rules {
			configured[s.file.Rules[i].Name] = true
			add(s.file.Rules[i].Name, &s.file.Rules[i])
		}
	}
	if s.file != nil {
		for _, r := range profileRules(s.file) {
			configured[r.Name] = true
			add(r.Name, &r)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(reports)) {
		if !configured[name] {
			add(name, nil)
		}
	}
	return all
}

func (s stateRef) relayStatus(reports map[string]*ledger.RelayReport, live *control.LiveStatus) []relayStatus {
	at := make(map[string]*relayStatus)
	get := func(url string) *relayStatus {
		if at[url] == nil {
			at[url] = &relayStatus{Relay: url}
		}
		return at[url]
	}
	if s.file != nil {
		for _, r := range s.file.Rules {
			for _, url := range r.Relays {
				get(url)
			}
		}
	}
	for url, report := range reports {
		r := get(url)
		r.Owed = report.Owed
		r.Oldest, r.Answered = screen.Moment(report.Oldest), screen.Moment(report.Answered)
		r.Answer, r.Reason = report.Answer, report.Reason
	}
	if live != nil {
		for _, l := range live.Links {
			r := get(l.Relay)
			r.Gap = cmp.Or(r.Gap, l.Gap)
			r.Refused = append(r.Refused, l.Refused...)
			if up := l.Up || r.Up != nil && *r.Up; up || r.Up == nil {
				r.Up = &up
			}
			if !*r.Up {
				r.Failure, r.Retry = l.Failure, l.Next
			} else {
				r.Failure, r.Retry = "", nil
			}
		}
	}
	all := make([]relayStatus, 0, len(at))
	for _, url := range slices.Sorted(maps.Keys(at)) {
		all = append(all, *at[url])
	}
	return all
}

func sumOutbox(reports map[string]*ledger.RelayReport) outboxStatus {
	var sum outboxStatus
	var oldest time.Time
	for _, r := range reports {
		sum.Owed += r.Owed
		sum.Accepted += r.Settled[engine.Accepted]
		sum.Rejected += r.Settled[engine.Rejected]
		sum.GivenUp += r.Settled[engine.GivenUp]
		if oldest.IsZero() || !r.Oldest.IsZero() && r.Oldest.Before(oldest) {
			oldest = cmp.Or(r.Oldest, oldest)
		}
	}
	sum.Oldest = screen.Moment(oldest)
	return sum
}

// crowdsOf returns the identities, by the positions of a state, that more strangers write to than they may answer.
func crowdsOf(positions map[string]string) []engine.Hold {
	var crowds []engine.Hold
	for _, stream := range slices.Sorted(maps.Keys(positions)) {
		if !strings.HasPrefix(stream, engine.CrowdStream("")) {
			continue
		}
		if h, ok := engine.ParseHold(positions[stream]); ok {
			crowds = append(crowds, h)
		}
	}
	return crowds
}

type feedStatus struct {
	Rule    string     `json:"rule"`
	Address string     `json:"address"`
	Status  string     `json:"status"`
	Read    *time.Time `json:"read"`
	Rest    *time.Time `json:"rest"`
	Note    string     `json:"note,omitempty"`
}

// feedStatus asks every trigger that looks after sources of its own what it has stored of them.
func (s stateRef) feedStatus(positions map[string]string, now time.Time) ([]feedStatus, error) {
	all := []feedStatus{}
	if s.file == nil {
		return all, nil
	}
	for _, r := range s.file.Rules {
		for i, stream := range r.Streams() {
			t := r.Triggers[i]
			trigger, err := t.Kind.Build(t.Config, engine.Setup{Rule: r.Name, Stream: stream, Relays: t.Relays})
			if err != nil {
				return nil, err
			}
			reporter, ok := trigger.(engine.StatusReporter)
			if !ok {
				continue
			}
			for _, source := range reporter.Sources(positions, now) {
				all = append(all, feedStatus{
					r.Name, source.Address, source.Status, screen.Moment(source.Read), screen.Moment(source.Rest), source.Note,
				})
			}
		}
	}
	return all, nil
}
