package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/relay"
	"rhea/engine/web"
)

const (
	// lookFor bounds all that a rule looks at.
	lookFor = 2 * time.Minute
	// skewed is how far clocks may be apart: relays refuse events from a future of a quarter of an hour, and the
	// date of a server has no fractions.
	skewed = time.Minute
)

// survey asks the servers that a configuration depends on whether they work, and shows the rules what they would find
// there. It only asks, and publishes nothing.
type survey struct {
	file *config.File
	// public and private are clients for strangers' addresses and for those in one's own network.
	public, private *http.Client
	network         *relay.Network
	ids             map[string]engine.Identity
	state           history

	mu       sync.Mutex
	problems config.Problems
	relays   map[string]relayReport
}

// onlineReport is what a survey found, apart from what is wrong.
type onlineReport struct {
	Relays []relayReport `json:"relays"`
	Rules  []rulePreview `json:"rules"`
}

// checkOnline asks relays first: rules do not use those that do not answer. With made, no keys are opened.
func (a *app) checkOnline(ctx context.Context, file *config.File, made bool) (report *onlineReport, _ config.Problems, err error) {
	ids, err := a.identitiesOrFake(file, made)
	if err != nil {
		return nil, nil, err
	}
	state, err := readState(statePath(file, ""))
	if err != nil {
		return nil, nil, failed(err)
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	agent := web.UserAgent(Version, contact(file, ids))
	o := relay.Options{Guard: guardRelays(namedRelays(file))}
	if !made {
		o.Pubkey, o.Signer = authAs(file, ids)
	}
	s := &survey{
		file:   file,
		public: web.Client(web.Options{UserAgent: agent}), private: web.Client(web.Options{AllowPrivate: true, UserAgent: agent}),
		network: relay.New(o), ids: ids, state: state, relays: make(map[string]relayReport),
	}
	defer func() { err = errors.Join(err, s.network.Close()) }()
	var asking sync.WaitGroup
	for address, place := range relaysOf(file) {
		asking.Go(func() { s.askRelay(ctx, address, place) })
	}
	asking.Wait()
	report = &onlineReport{Relays: s.answered()}
	report.Rules = s.previews(ctx)
	s.checkEvents(report.Rules)
	s.askClock()
	return report, s.problems, nil
}

func (s *survey) client(allowPrivate bool) *http.Client {
	if allowPrivate {
		return s.private
	}
	return s.public
}

func (s *survey) dir() string { return filepath.Dir(s.file.Paths[0]) }

// add notes what is wrong or odd at a place, once.
func (s *survey) add(severity config.Severity, place, code, message, hint string) {
	file, line := place, 1
	if i := strings.LastIndexByte(place, ':'); i > 0 {
		if n, err := strconv.Atoi(place[i+1:]); err == nil {
			file, line = place[:i], n
		}
	}
	p := config.Problem{
		Severity: severity, File: file, Line: line, Column: 1, Code: code,
		Message: engine.Redact(message), Hint: engine.Redact(hint),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.problems, p) {
		s.problems = append(s.problems, p)
	}
}

// Fetch implements [engine.Source]: it asks the relays that answer.
func (s *survey) Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	there := slices.DeleteFunc(slices.Clone(relays), func(r string) bool {
		known, asked := s.relays[r]
		return asked && !known.Answers
	})
	if len(there) == 0 {
		return nil, nil
	}
	return s.network.Fetch(ctx, there, filter)
}

// Subscribe implements [engine.Source]: a survey waits for nothing.
func (s *survey) Subscribe(ctx context.Context, _ engine.Query, _ func(context.Context, engine.Received) error) error {
	<-ctx.Done()
	return nil
}

var _ engine.Source = (*survey)(nil)

// cause is the innermost error of a chain.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
			inner = many.Unwrap()[0]
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}

// askClock compares the clock with those of the relays; the one in the middle is right.
func (s *survey) askClock() {
	var offsets []time.Duration
	for _, r := range s.relays {
		if r.dated {
			offsets = append(offsets, r.offset)
		}
	}
	if len(offsets) == 0 {
		return
	}
	slices.Sort(offsets)
	if off := offsets[len(offsets)/2]; off.Abs() > skewed {
		direction := "ahead"
		if off < 0 {
			direction = "behind"
		}
		s.add(config.Warning, s.file.Paths[0], "clock", fmt.Sprintf("the clock of this machine is %s %s of the relays' clocks",
			engine.Duration(off.Abs().Round(time.Second)), direction), "set it by NTP: relays refuse events from the future")
	}
}
