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
	// askFor bounds every single question to a relay or a feed.
	askFor = 15 * time.Second
	// skewed is how far clocks may be apart: relays refuse events from a future of a quarter of an hour, and the
	// date of a server has no fractions.
	skewed = time.Minute
)

// survey asks the servers that a configuration depends on whether they would do their part.
type survey struct {
	// public and private are clients for strangers' addresses and for those in one's own network.
	public, private *http.Client
	network         *relay.Network
	dir             string

	mu       sync.Mutex
	problems config.Problems
	offsets  []time.Duration
}

func (a *app) checkOnline(ctx context.Context, file *config.File) (_ config.Problems, err error) {
	agent := web.UserAgent(Version, "")
	s := &survey{
		public:  web.Client(web.Options{UserAgent: agent}),
		private: web.Client(web.Options{AllowPrivate: true, UserAgent: agent}),
		network: relay.New(relay.Options{}), dir: filepath.Dir(file.Paths[0]),
	}
	defer func() { err = s.network.Close() }()
	var asking sync.WaitGroup
	for address, place := range relaysOf(file) {
		asking.Go(func() { s.askRelay(ctx, address, place) })
	}
	for _, r := range file.Rules {
		for _, t := range r.Triggers {
			asking.Go(func() { s.askTrigger(ctx, r, t) })
		}
	}
	asking.Wait()
	s.askClock(file)
	return s.problems, nil
}

// relaysOf lists the relays that rules use, each with the place of the first rule that does.
func relaysOf(file *config.File) map[string]string {
	relays := make(map[string]string)
	use := func(addresses []string, place string) {
		for _, r := range addresses {
			if _, ok := relays[r]; !ok {
				relays[r] = place
			}
		}
	}
	for _, r := range file.Rules {
		use(r.Relays, r.Place)
		for _, t := range r.Triggers {
			use(t.Relays, r.Place)
		}
		for _, step := range r.Steps {
			use(step.Relays, r.Place)
		}
	}
	return relays
}

func (s *survey) add(severity config.Severity, place, code, message, hint string) {
	file, line := place, 1
	if i := strings.LastIndexByte(place, ':'); i > 0 {
		if n, err := strconv.Atoi(place[i+1:]); err == nil {
			file, line = place[:i], n
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, config.Problem{
		Severity: severity, File: file, Line: line, Column: 1, Code: code,
		Message: engine.Redact(message), Hint: engine.Redact(hint),
	})
}

// askRelay asks for what the relay says about itself, and whether it answers a question.
func (s *survey) askRelay(ctx context.Context, address, place string) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	// No event has this id: the answer is an empty list.
	nothing := nostr.Filter{IDs: []string{strings.Repeat("0", 64)}, Limit: 1}
	if _, err := s.network.Fetch(ctx, []string{address}, nothing); err != nil {
		s.add(config.Error, place, "relay-silent", fmt.Sprintf("%s does not answer: %v", address, cause(err)),
			"check the address, or leave the relay out")
		return
	}
	asked := time.Now()
	policy, err := relay.Inform(ctx, s.private, address)
	if !policy.Date.IsZero() {
		s.mu.Lock()
		s.offsets = append(s.offsets, time.Since(asked)/2+asked.Sub(policy.Date))
		s.mu.Unlock()
	}
	if err != nil {
		return // Many relays say nothing about themselves and work.
	}
	warn := func(message, hint string) { s.add(config.Warning, place, "relay-policy", address+" "+message, hint) }
	if policy.PaymentRequired {
		warn("wants to be paid before it takes events", strings.TrimSpace("pay there, or leave it out "+policy.PaymentsURL))
	}
	if policy.RestrictedWrites && !policy.PaymentRequired {
		warn("takes events from some authors only", "ask its operator to let the bot in, or leave it out")
	}
	if policy.PoW > 0 {
		warn(fmt.Sprintf("wants %d bits of proof of work", policy.PoW), fmt.Sprintf("write pow: %d in the action", policy.PoW))
	}
	if slices.Contains(policy.Refused, nostr.KindTextNote) {
		warn("does not keep notes (kind 1)", "leave it out of the relays that notes are published to")
	}
}

// cause is the first reason for an error, without the story around it.
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

// askTrigger asks a trigger whether what it depends on is there.
func (s *survey) askTrigger(ctx context.Context, r engine.Rule, t engine.RuleTrigger) {
	ctx, cancel := context.WithTimeout(ctx, 2*askFor)
	defer cancel()
	built, err := t.Kind.Build(t.Config, engine.Setup{Rule: r.Name, Dir: s.dir, HTTP: func(allowPrivate bool) *http.Client {
		if allowPrivate {
			return s.private
		}
		return s.public
	}})
	prober, ok := built.(engine.Prober)
	if err != nil || !ok {
		return
	}
	if err := prober.Probe(ctx); err != nil {
		for _, one := range unjoin(err) {
			s.add(config.Error, r.Place, t.Kind.Name+"-silent", fmt.Sprintf("rule %s: %v", r.Name, one), "")
		}
	}
}

// askClock compares the clock with those of the relays; the one in the middle is right.
func (s *survey) askClock(file *config.File) {
	if len(s.offsets) == 0 {
		return
	}
	slices.Sort(s.offsets)
	if off := s.offsets[len(s.offsets)/2]; off.Abs() > skewed {
		direction := "ahead"
		if off < 0 {
			direction = "behind"
		}
		s.add(config.Warning, file.Paths[0], "clock", fmt.Sprintf("the clock of this machine is %s %s of the relays' clocks",
			engine.Duration(off.Abs().Round(time.Second)), direction), "set it by NTP: relays refuse events from the future")
	}
}
