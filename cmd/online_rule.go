package cmd

import (
	"context"
	"fmt"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger/memory"
	"rhea/engine/rehearsal"
)

const (
	// previewed is how many signals of each trigger are shown to a rule.
	previewed = 3
	// previewedAtOnce is how many rules are previewed at once.
	previewedAtOnce = 8
)

// rulePreview is what a rule would do with what is on the servers now.
type rulePreview struct {
	Rule    string    `json:"rule"`
	Signals []verdict `json:"signals"`
	// Error is what could not be read.
	Error string `json:"error,omitempty"`

	place string
}

// previews shows every rule that is enabled what is on the servers now, as if nothing had been answered yet.
func (s *survey) previews(ctx context.Context) []rulePreview {
	all := make([]rulePreview, 0, len(s.file.Rules))
	for _, r := range s.file.Rules {
		if !r.Disabled {
			all = append(all, rulePreview{Rule: r.Name, Signals: []verdict{}, place: r.Place})
		}
	}
	places := make(chan struct{}, previewedAtOnce)
	var looking sync.WaitGroup
	for i := range all {
		places <- struct{}{}
		looking.Go(func() {
			defer func() { <-places }()
			s.preview(ctx, &all[i])
		})
	}
	looking.Wait()
	return all
}

func (s *survey) preview(ctx context.Context, p *rulePreview) {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	rule, _ := s.file.Rule(p.Rule)
	outcomes, err := rehearsal.New(rehearsal.Options{
		Rules: []engine.Rule{*rule}, Identities: s.ids, Start: time.Now(), State: unanswered{s.state}, Dry: true,
		Source: s, HTTP: s.client, Dir: s.dir(), RelayLists: listsOf(s.file, s.ids, resolve()),
	}).Preview(ctx, p.Rule, previewed)
	if err != nil {
		p.Error = engine.Redact(err.Error())
		for _, one := range leaves(err) {
			s.add(config.Error, p.place, "trigger-silent", fmt.Sprintf("rule %s: %v", p.Rule, one), "")
		}
	}
	for _, o := range outcomes {
		if o.Outcome == engine.DryRun && !rule.DryRun {
			o.Outcome = engine.Fired
		}
		p.Signals = append(p.Signals, verdict{Outcome: o, rule: rule, known: s.file.Data})
	}
}

// unanswered is a state in which no signal was answered and nothing was published yet. How far lists were drawn, and
// which rules are held, is as it is.
type unanswered struct{ history }

var _ memory.Base = unanswered{}

// Seen implements [memory.Base].
func (unanswered) Seen(context.Context, string, string) (bool, error) { return false, nil }

// Counted implements [memory.Base].
func (unanswered) Counted(context.Context, string, time.Time) ([]time.Time, error) { return nil, nil }
