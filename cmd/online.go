package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/relay"
	"rhea/engine/web"
)

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
