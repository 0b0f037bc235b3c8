package cmd

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/bot"
	"rhea/triggers"
)

// patient is a bot whose parts a test makes ill.
type patient struct {
	*health
	log   bytes.Buffer
	mend  sync.Mutex
	up    map[string]control.LinkStatus
	state error
	since time.Time
	owed  bool
	quiet []bot.Silence
	// failing are triggers, and results is what a check of the state finds.
	failing []bot.Trouble
	results map[string]finding
	wrong   time.Duration
}

const one, two = "wss://one.example", "wss://two.example"

func newPatient(rules ...engine.Rule) *patient {
	p := &patient{up: map[string]control.LinkStatus{one: {Relay: one, Up: true}, two: {Relay: two, Up: true}}}
	p.health = &health{
		log: slog.New(slog.NewTextHandler(&p.log, nil)), started: time.Now(), rules: rules,
		links: func() []control.LinkStatus {
			p.mend.Lock()
			defer p.mend.Unlock()
			return []control.LinkStatus{p.up[one], p.up[two]}
		},
		fault: func() (time.Time, error) {
			p.mend.Lock()
			defer p.mend.Unlock()
			return p.since, p.state
		},
		silent:     func() []bot.Silence { return p.quiet },
		troubled:   func() []bot.Trouble { return p.failing },
		checkState: func(context.Context, time.Time) (map[string]finding, error) { return maps.Clone(p.results), p.state },
		owes:       func(context.Context) (bool, error) { return p.owed, nil },
		now:        func() time.Time { return time.Now().AddDate(30, 0, 0).Add(p.wrong) },
		alerts:     make(map[string]*noted),
	}
	return p
}

// words are what is wrong, what is fatal in capitals.
func (p *patient) words(t *testing.T) string {
	t.Helper()
	var all []string
	for _, a := range p.check(t.Context()) {
		text := a.String()
		if a.Fatal {
			text = "FATAL " + text
		}
		all = append(all, text)
	}
	text, _, _ := strings.Cut(strings.Join(all, " | "), "-01-") // What comes behind the clock's year.
	return text
}

func (p *patient) set(apply func()) {
	p.mend.Lock()
	defer p.mend.Unlock()
	apply()
}

func (p *patient) down(url, why string) { p.up[url] = control.LinkStatus{Relay: url, Failure: why} }

func (p *patient) refuse(url, query string) {
	p.up[url] = control.LinkStatus{Relay: url, Up: true, Refused: []control.RefusedQuery{{Query: query, Reason: "restricted: members only"}}}
}

// rule listens to both relays, or with a schedule to none.
func rule(name, kind string, relays ...string) engine.Rule {
	for _, k := range triggers.Kinds() {
		if k.Name == kind {
			return engine.Rule{Name: name, Triggers: []engine.RuleTrigger{{Kind: k, Relays: relays}}}
		}
	}
	panic(kind)
}

// TestHealth makes a bot ill and asks at once, and just before and after it counts.
func TestHealth(t *testing.T) {
	t.Parallel()
	answer, other := rule("answer", "mention", one, two), rule("other", "hashtag", two)
	tick := rule("tick", "schedule", one)
	off := rule("off", "mention", two)
	off.Disabled = true
	mixed := rule("mixed", "mention", two)
	mixed.Triggers = append(mixed.Triggers, tick.Triggers...)
	long := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC) // A bubble begins the day after.
	for _, tt := range []struct {
		name  string
		rules []engine.Rule
		make  func(*patient)
		// soon is what is wrong at once and until patience is over, then what is wrong afterwards.
		soon     string
		patience time.Duration
		then     string
	}{
		{"well", []engine.Rule{answer}, func(*patient) {}, "", noInputAfter, ""},
		{"one relay down", []engine.Rule{answer}, func(p *patient) { p.down(one, "refused") }, "", noInputAfter, ""},
		{"all down", []engine.Rule{answer, other, tick}, func(p *patient) { p.down(one, "no route"); p.down(two, "no name") },
			"no rule hears anything: wss://one.example no route; wss://two.example no name", noInputAfter,
			"FATAL no rule hears anything: wss://one.example no route; wss://two.example no name"},
		{"never connected", []engine.Rule{other}, func(p *patient) { p.down(two, "") },
			"no rule hears anything: wss://two.example is being connected", noInputAfter,
			"FATAL no rule hears anything: wss://two.example is being connected"},
		{"all refuse", []engine.Rule{answer}, func(p *patient) { p.refuse(one, "answer/mention/ab"); p.refuse(two, "answer/mention") },
			"no rule hears anything: wss://one.example refuses it: restricted: members only; wss://two.example refuses it: restricted: members only", noInputAfter,
			"FATAL no rule hears anything: wss://one.example refuses it: restricted: members only; wss://two.example refuses it: restricted: members only"},
		{"one rule is refused", []engine.Rule{answer, other}, func(p *patient) { p.refuse(two, "other/hashtag") },
			"other hears nothing: wss://two.example refuses it: restricted: members only", noInputAfter,
			"other hears nothing: wss://two.example refuses it: restricted: members only"},
		{"another rule of a like name is refused", []engine.Rule{answer}, func(p *patient) { p.down(one, "x"); p.refuse(two, "answer/mention2") }, "", noInputAfter, ""},
		{"a disabled rule", []engine.Rule{answer, off}, func(p *patient) { p.down(two, "x") }, "", noInputAfter, ""},
		{"all but a disabled rule", []engine.Rule{other, off}, func(p *patient) { p.refuse(two, "other/hashtag") },
			"no rule hears anything: wss://two.example refuses it: restricted: members only", noInputAfter,
			"FATAL no rule hears anything: wss://two.example refuses it: restricted: members only"},
		{"a schedule hears nothing", []engine.Rule{mixed}, func(p *patient) { p.down(two, "x") },
			"no rule hears anything: wss://two.example x", noInputAfter, "FATAL no rule hears anything: wss://two.example x"},
		{"only schedules, nothing owed", []engine.Rule{tick}, func(p *patient) { p.down(one, "x"); p.down(two, "x") }, "", noOutputAfter, ""},
		{"only schedules, all down", []engine.Rule{tick}, func(p *patient) { p.down(one, "x"); p.down(two, "x"); p.owed = true },
			"what is owed cannot be sent: no relay can be reached", noOutputAfter,
			"FATAL what is owed cannot be sent: no relay can be reached"},
		{"only schedules, one up", []engine.Rule{tick}, func(p *patient) { p.down(one, "x"); p.owed = true }, "", noOutputAfter, ""},
		{"full disk", []engine.Rule{tick}, func(p *patient) { p.state = errors.New("the disk is full") },
			"state: the disk is full", noInputAfter, "FATAL state: the disk is full"},
		{"full for long", []engine.Rule{tick}, func(p *patient) { p.state, p.since = errors.New("the disk is full"), time.Now().Add(-time.Hour) },
			"FATAL state: the disk is full", noInputAfter, "FATAL state: the disk is full"},
		{"the worst first", []engine.Rule{tick}, func(p *patient) {
			p.state, p.failing = errors.New("the disk is full"), []bot.Trouble{{Rule: "tick", Trigger: "schedule", Since: long, Err: errors.New("no such zone")}}
		}, "tick trigger schedule keeps failing: no such zone | state: the disk is full", noInputAfter,
			"FATAL state: the disk is full | tick trigger schedule keeps failing: no such zone"},
		{"clock", []engine.Rule{tick}, func(p *patient) { p.wrong = -60 * 365 * 24 * time.Hour },
			"the clock of this machine shows 1970", noInputAfter, "the clock of this machine shows 1970"},
		{"silent", []engine.Rule{tick}, func(p *patient) {
			p.quiet = []bot.Silence{{Rule: "tick", Since: time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC), Every: time.Hour}}
		}, "", noInputAfter, "FATAL tick has not fired since 1999-12-31T00:00:00Z; expect_every is 1h"},
		{"a trigger that fails", []engine.Rule{tick}, func(p *patient) {
			p.failing = []bot.Trouble{{Rule: "tick", Trigger: "schedule", Err: errors.New("no such zone")}}
		}, "tick trigger schedule keeps failing: no such zone", noInputAfter, "tick trigger schedule keeps failing: no such zone"},
		{"what a check of the state finds", []engine.Rule{tick}, func(p *patient) {
			p.results = map[string]finding{"x": {Rule: "news", Text: "cannot read the feed", warning: true}}
		}, "news cannot read the feed", noInputAfter, "news cannot read the feed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPatient(tt.rules...)
				tt.make(p)
				if got := p.words(t); got != tt.soon {
					t.Errorf("at once: %s\nwant %s", got, tt.soon)
				}
				<-time.After(tt.patience - time.Second)
				if got := p.words(t); got != tt.soon {
					t.Errorf("soon: %s\nwant %s", got, tt.soon)
				}
				<-time.After(time.Second)
				if got := p.words(t); got != tt.then {
					t.Errorf("then: %s\nwant %s", got, tt.then)
				}
				p.wrong, p.up, p.state, p.quiet = 0, map[string]control.LinkStatus{one: {Relay: one, Up: true}, two: {Relay: two, Up: true}}, nil, nil
				p.failing, p.results = nil, nil
				<-time.After(checkStateEvery)
				if got := p.words(t); got != "" {
					t.Errorf("well again: %s", got)
				}
			})
		})
	}
}

// TestNoInputFromTheStart asks a bot for the first time when it has heard nothing for a while.
func TestNoInputFromTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(rule("answer", "mention", one))
		p.down(one, "no route")
		<-time.After(noInputAfter)
		if got := p.words(t); got != "FATAL no rule hears anything: wss://one.example no route" {
			t.Error(got)
		}
	})
}

// TestHealthIsLogged has the disk full for three days: the log tells of it when it counts and then with growing pauses, and
// once when there is room again. A relay that flaps is no news.
func TestHealthIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(rule("answer", "mention", one))
		end := p.begin(t.Context())
		for range 20 {
			p.set(func() { p.down(one, "flaps") })
			<-time.After(time.Minute)
			p.set(func() { p.up[one] = control.LinkStatus{Relay: one, Up: true} })
			<-time.After(time.Minute)
		}
		synctest.Wait()
		if p.log.Len() > 0 {
			t.Errorf("a relay that flaps is told: %s", &p.log)
		}
		p.set(func() { p.state = errors.New("the disk is full") })
		<-time.After(72 * time.Hour)
		synctest.Wait()
		if !strings.Contains(p.log.String(), "disk is full\" for=0s") {
			t.Errorf("not told at once:\n%s", &p.log)
		}
		if n := strings.Count(p.log.String(), "level=ERROR msg=\"state: the disk is full\""); n < 16 || n > 20 {
			t.Errorf("told %d times in three days:\n%s", n, &p.log)
		}
		p.set(func() { p.state = nil })
		<-time.After(time.Minute)
		end()
		if n := strings.Count(p.log.String(), "level=INFO"); n != 1 || !strings.Contains(p.log.String(), "no longer: state: the disk") {
			t.Errorf("the end is told %d times:\n%s", n, &p.log)
		}
	})
}
