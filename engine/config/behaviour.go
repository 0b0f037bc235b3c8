package config

import (
	"errors"
	"fmt"
	"time"

	"gopkg.in/yaml.v3"

	"rhea/engine"
)

// behaviour are the keys that a rule and the defaults share.
type behaviour struct {
	// Limit caps how often the rule answers, also over restarts.
	Limit *limitText `yaml:"limit"`
	// Concurrency says what may run side by side.
	Concurrency *concurrencyText `yaml:"concurrency"`
	// MaxAge is how old an event may be to be answered: by default 15m, without limit for feeds and
	// schedules and with 0s.
	MaxAge *engine.Duration `yaml:"max_age"`
	// Loops guards against bots that answer each other. The identities of the file are never answered.
	Loops *loopsText `yaml:"loops"`
	// OptOut is how people tell the bot to leave them alone.
	OptOut *optOutText `yaml:"opt_out"`
	// FloodStop is the most that the rule may publish: a rate, or a list of rates that all hold. What strangers set off
	// slows down to it and goes on by itself: newcomers leave a third of it to people answered before and whom the
	// identity follows, who come first. All else is held until rhea resume when it would exceed it. Without it: 300/10m
	// and 5000/1d, and, of what strangers do not set off, not far more than the rule ever did.
	FloodStop *[]engine.Rate `yaml:"flood_stop"`
	// RepeatAfter is how long the same words to the same people are not published again, 1h by default.
	// A schedule may repeat itself, unless this is written at its rule.
	RepeatAfter *engine.Duration `yaml:"repeat_after"`
	// Retry says how often a relay that fails is asked again.
	Retry *retryText `yaml:"retry"`
	// Quorum is how many relays must accept an event for it to count as delivered, 1 by default. The
	// others are still tried.
	Quorum *int `yaml:"quorum"`
	// PoWBudget is how much work may be done for a relay that wants proof of work for an event (NIP-13).
	PoWBudget *powText `yaml:"pow_budget"`
	// ExpectEvery is how often the rule should fire at least. The log, status and healthcheck, which fails then, tell of
	// one that has not fired for longer, since it last did or first ran.
	ExpectEvery *engine.Duration `yaml:"expect_every"`
}

// limitText caps how often a rule answers.
type limitText struct {
	// Rate caps the whole rule: a rate such as 60/1h, or a list of rates that all hold; 0 is no cap.
	Rate *[]rateText `yaml:"rate"`
	// Author caps the answers to one author: by default [10/1h, 30/1d] for rules that reply; 0 is no cap.
	Author *[]rateText `yaml:"author"`
	// Thread caps the answers below one root, as a number or as rates: by default 5 for rules that reply;
	// 0 is no cap.
	Thread *[]rateOrCountText `yaml:"thread"`
	// OnLimit says what happens to what is over the limit: drop forgets it, queue lets it wait, over restarts and for up to
	// 30 days, up to 1000 signals of which at most 100 are of one author and 800 of newcomers. What is over the limit of a thread is dropped.
	OnLimit *limitMode `yaml:"on_limit" enum:"drop,queue"`
}

// concurrencyText says what may run side by side.
type concurrencyText struct {
	// Max is how many signals of different groups may run at once, 4 by default.
	Max *int `yaml:"max"`
	// Group is an expression: signals with the same value run in order. Without it that is the author.
	Group *yaml.Node `yaml:"group"`
}

// loopsText guards against bots that answer each other.
type loopsText struct {
	// Bots says what to do about authors whose profile says that they are bots. An answer waits for the first relay
	// that says something about its author. When none does within ten seconds, the author counts as a person.
	Bots *botsMode `yaml:"bots" enum:"ignore,allow"`
	// Patience is how many answers an author gets without a break: by default 30 for rules that reply.
	// People sleep; who does not is taken for a bot until the break is taken, the next time one twice as long. 0 is any
	// number.
	Patience *int `yaml:"patience"`
	// Break is how long an author must be silent for it to be one, 8h by default.
	Break *engine.Duration `yaml:"break"`
}

// retryText says how often a relay that fails is asked again.
type retryText struct {
	// InitialInterval is the first pause, 2s by default; each is longer than the one before.
	InitialInterval *engine.Duration `yaml:"initial_interval"`
	// MaxInterval is the longest pause, 5m by default.
	MaxInterval *engine.Duration `yaml:"max_interval"`
	// MaxElapsedTime is when an event is given up, 24h by default.
	MaxElapsedTime *engine.Duration `yaml:"max_elapsed_time"`
}

// powText is what a relay that wants proof of work may cost.
type powText struct {
	// Bits is the most that is mined, 20 by default; 0 mines nothing.
	Bits *int `yaml:"bits"`
	// Time is how long one event may be mined, 30s by default.
	Time *engine.Duration `yaml:"time"`
}

type limitMode bool

func (m *limitMode) UnmarshalText(text []byte) error {
	switch string(text) {
	case "queue", "drop":
		*m = string(text) == "queue"
		return nil
	}
	return fmt.Errorf("%q is neither drop nor queue", text)
}

type botsMode bool

func (m *botsMode) UnmarshalText(text []byte) error {
	switch string(text) {
	case "allow", "ignore":
		*m = string(text) == "allow"
		return nil
	}
	return fmt.Errorf("%q is neither ignore nor allow", text)
}

// defaults are what rules fall back to.
type defaults struct {
	// Identity is whom rules act as that do not say: a name, or a map as in a rule.
	Identity *yaml.Node `yaml:"identity"`
	// Relays are where rules publish that do not say: a list, the name of a set, or outbox.
	Relays engine.Relays `yaml:"relays"`

	behaviour `yaml:",inline"`

	// actsAs is the name in Identity.
	actsAs  string
	decoder *decoder
	node    *yaml.Node
	broken  bool
}

func (l *loader) readDefaults() {
	for i, s := range l.sections["defaults"] {
		if i > 0 {
			s.d.failAt(s.key, "duplicate-name", "defaults are defined twice, first in "+l.sections["defaults"][0].d.src.name, "put them together")
			continue
		}
		before := s.d.report.failed()
		s.d.decodeTargets(s.value, &l.defaults)
		s.d.checkBehaviour(s.value, l.defaults.behaviour, before)
		l.defaults.decoder, l.defaults.node, l.defaults.broken = s.d, s.value, s.d.report.failed() > before
		if l.defaults.actsAs = l.identityName(s.d, l.defaults.Identity); l.defaults.actsAs != "" {
			at := find(s.value, "identity")
			if at.Kind == yaml.MappingNode {
				at = find(at, "derive")
			}
			l.resolveIdentity(s.d, at, l.defaults.actsAs)
		}
	}
}

// checkBehaviour finds numbers that make no sense.
func (d *decoder) checkBehaviour(n *yaml.Node, b behaviour, before int) {
	if d.report.failed() > before {
		return
	}
	for _, err := range []error{
		atLeast("quorum", b.Quorum, 1),
		b.concurrencyError(), b.limitError(), b.loopsError(), b.retryError(), b.powError(), floodError(b.FloodStop),
	} {
		d.fieldErrors(n, n, err)
	}
}

func atLeast(path string, value *int, least int) error {
	if value != nil && *value < least {
		return engine.At(path, fmt.Errorf("this must be %d or more", least))
	}
	return nil
}

func (b behaviour) concurrencyError() error {
	if b.Concurrency == nil {
		return nil
	}
	return atLeast("concurrency.max", b.Concurrency.Max, 1)
}

func (b behaviour) loopsError() error {
	if b.Loops == nil {
		return nil
	}
	if pause := b.Loops.Break; pause != nil && *pause <= 0 {
		return engine.At("loops.break", errors.New("this must be longer than nothing; patience: 0 switches the guard off"))
	}
	return atLeast("loops.patience", b.Loops.Patience, 0)
}

func (b behaviour) retryError() error {
	r := b.Retry
	if r == nil {
		return nil
	}
	var errs []error
	for path, v := range map[string]*engine.Duration{"retry.initial_interval": r.InitialInterval, "retry.max_interval": r.MaxInterval} {
		if v != nil && *v <= 0 {
			errs = append(errs, engine.At(path, errors.New("this must be longer than nothing")))
		}
	}
	return errors.Join(errs...)
}

// maxPoW is more than a common machine finds in a day.
const maxPoW = 40

func (b behaviour) powError() error {
	if b.PoWBudget == nil {
		return nil
	}
	if bits := b.PoWBudget.Bits; bits != nil && *bits > maxPoW {
		return engine.At("pow_budget.bits", fmt.Errorf("this must be %d or less: each bit doubles the work", maxPoW))
	}
	return atLeast("pow_budget.bits", b.PoWBudget.Bits, 0)
}

// floodError refuses what would switch the flood stop off.
func floodError(rates *[]engine.Rate) error {
	if rates != nil && len(*rates) == 0 {
		return engine.At("flood_stop", errors.New("the flood stop cannot be switched off; write a high rate such as 10000/1h"))
	}
	return nil
}

// apply puts what is written into a budget.
func (p *powText) apply(to *engine.PoWBudget) {
	if p != nil {
		set(&to.Bits, p.Bits)
		set(&to.Time, std(p.Time))
	}
}

// apply puts the behaviour of the defaults and then of the rule into the rule.
func (b behaviour) apply(r *engine.Rule) {
	if b.Limit != nil {
		set(&r.Limit.Rate, ratesOf(b.Limit.Rate))
		set(&r.Limit.Author, ratesOf(b.Limit.Author))
		set(&r.Limit.Thread, ratesOf(b.Limit.Thread))
		set(&r.Limit.Queue, (*bool)(b.Limit.OnLimit))
	}
	if b.Concurrency != nil {
		set(&r.Concurrency, b.Concurrency.Max)
	}
	if b.Loops != nil {
		set(&r.AllowBots, (*bool)(b.Loops.Bots))
		set(&r.Patience.Answers, b.Loops.Patience)
		set(&r.Patience.Break, std(b.Loops.Break))
	}
	if b.Retry != nil {
		set(&r.Retry.Initial, std(b.Retry.InitialInterval))
		set(&r.Retry.Max, std(b.Retry.MaxInterval))
		set(&r.Retry.MaxElapsed, std(b.Retry.MaxElapsedTime))
	}
	b.PoWBudget.apply(&r.PoW)
	set(&r.FloodStop, b.FloodStop)
	set(&r.RepeatAfter, std(b.RepeatAfter))
	set(&r.MaxAge, std(b.MaxAge))
	set(&r.Quorum, b.Quorum)
	set(&r.ExpectEvery, std(b.ExpectEvery))
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func std(d *engine.Duration) *time.Duration { return (*time.Duration)(d) }
