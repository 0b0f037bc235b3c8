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
	Limit       *limitText       `yaml:"limit"`
	Concurrency *concurrencyText `yaml:"concurrency"`
	MaxAge      *engine.Duration `yaml:"max_age"`
	Loops       *loopsText       `yaml:"loops"`
	Retry       *retryText       `yaml:"retry"`
	Quorum      *int             `yaml:"quorum"`
	ExpectEvery *engine.Duration `yaml:"expect_every"`
}

type limitText struct {
	Rate    *rateText  `yaml:"rate"`
	Author  *rateText  `yaml:"author"`
	Thread  *int       `yaml:"thread"`
	OnLimit *limitMode `yaml:"on_limit"`
}

type concurrencyText struct {
	Max   *int       `yaml:"max"`
	Group *yaml.Node `yaml:"group"`
}

type loopsText struct {
	Bots *botsMode `yaml:"bots"`
}

type retryText struct {
	InitialInterval *engine.Duration `yaml:"initial_interval"`
	MaxInterval     *engine.Duration `yaml:"max_interval"`
	MaxElapsedTime  *engine.Duration `yaml:"max_elapsed_time"`
}

// rateText is a rate, or 0 for no limit.
type rateText struct{ engine.Rate }

func (r *rateText) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		r.Rate = engine.Rate{}
		return nil
	}
	return r.Rate.UnmarshalText(text)
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
	Identity  string        `yaml:"identity"`
	Relays    engine.Relays `yaml:"relays"`
	behaviour `yaml:",inline"`

	decoder *decoder
}

func (l *loader) readDefaults() {
	for i, s := range l.sections["defaults"] {
		if i > 0 {
			s.failAt(s.key, "duplicate-name", "defaults are defined twice, first in "+l.sections["defaults"][0].src.name, "put them together")
			continue
		}
		before := s.failed()
		s.decodeInto(s.value, &l.defaults)
		s.checkBehaviour(s.value, l.defaults.behaviour, before)
		l.defaults.decoder = s.decoder
		if id := l.defaults.Identity; id != "" {
			if _, ok := l.file.Identity(id); !ok && len(l.file.Identities) > 0 {
				s.failAt(find(s.value, "identity"), "undefined-identity", "there is no identity named "+id, l.identityHint(id))
			}
		}
	}
}

// checkBehaviour finds numbers that make no sense.
func (d *decoder) checkBehaviour(n *yaml.Node, b behaviour, before int) {
	if d.failed() > before {
		return
	}
	for _, err := range []error{
		atLeast("quorum", b.Quorum, 1),
		b.concurrencyError(), b.limitError(), b.retryError(),
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

func (b behaviour) limitError() error {
	if b.Limit == nil {
		return nil
	}
	return atLeast("limit.thread", b.Limit.Thread, 0)
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

// apply puts the behaviour of the defaults and then of the rule into the rule.
func (b behaviour) apply(r *engine.Rule) {
	if b.Limit != nil {
		set(&r.Limit.Rate, rateOf(b.Limit.Rate))
		set(&r.Limit.Author, rateOf(b.Limit.Author))
		set(&r.Limit.Thread, b.Limit.Thread)
		set(&r.Limit.Queue, (*bool)(b.Limit.OnLimit))
	}
	if b.Concurrency != nil {
		set(&r.Concurrency, b.Concurrency.Max)
	}
	if b.Loops != nil {
		set(&r.AllowBots, (*bool)(b.Loops.Bots))
	}
	if b.Retry != nil {
		set(&r.Retry.Initial, std(b.Retry.InitialInterval))
		set(&r.Retry.Max, std(b.Retry.MaxInterval))
		set(&r.Retry.MaxElapsed, std(b.Retry.MaxElapsedTime))
	}
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

func rateOf(r *rateText) *engine.Rate {
	if r == nil {
		return nil
	}
	return &r.Rate
}
