package cmd

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/reference"
)

const (
	// lookEvery is how often the outbox is looked at for answers.
	lookEvery = 100 * time.Millisecond
	// lingerFor is how long the other relays are waited for once enough have taken it.
	lingerFor = 3 * time.Second
	// maxNamed is how many relays the name of an event holds.
	maxNamed = 3
)

// sendReport is what send prints as JSON.
type sendReport struct {
	Event     string        `json:"event"`
	Nevent    string        `json:"nevent"`
	Pubkey    string        `json:"pubkey"`
	Kind      int           `json:"kind"`
	Quorum    int           `json:"quorum"`
	Accepted  int           `json:"accepted"`
	Delivered bool          `json:"delivered"`
	Relays    []relayAnswer `json:"relays"`
	// Kept is the state that goes on with the relays that have not answered; "" for none.
	Kept string `json:"kept"`
}

// relayAnswer is what became of the event at one relay.
type relayAnswer struct {
	Relay  string               `json:"relay"`
	State  engine.DeliveryState `json:"state"`
	Reason string               `json:"reason"`
}

// report waits for the relays and prints what they have answered.
func (a *app) report(ctx context.Context, sent *sentEvent, from *sender, o sendOptions) error {
	r, err := await(ctx, sent, o)
	if err != nil {
		return failed(err)
	}
	r.Kept = from.kept
	r.explain(sent.links(context.WithoutCancel(ctx)))
	if o.json() {
		err = printJSON(a.Out, r)
	} else {
		a.printSent(r, from)
	}
	if err == nil && !r.Delivered {
		err = &exitError{code: exitFailed}
	}
	return err
}

// await waits until every relay has answered, or soon after enough have taken it, or until the time is over.
func await(ctx context.Context, sent *sentEvent, o sendOptions) (sendReport, error) {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	until, enough := time.Now().Add(o.timeout), false
	for {
		// The answers are there also when the waiting is interrupted.
		found, err := sent.look(context.WithoutCancel(ctx))
		if err != nil {
			return sendReport{}, err
		}
		r, open := reportOf(sent, found, o.quorum)
		if r.Delivered && !enough {
			enough, until = true, earlier(until, time.Now().Add(lingerFor))
		}
		if open == 0 || ctx.Err() != nil || !time.Now().Before(until) {
			return r, nil
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// explain says why relays have not answered, where the connection is the cause.
func (r *sendReport) explain(links []control.LinkStatus) {
	for i := range r.Relays {
		one := &r.Relays[i]
		for _, l := range links {
			if l.Relay == one.Relay && one.Reason == "" && !ledger.Final(one.State) {
				one.Reason = l.Failure
			}
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// reportOf sums up what the relays have answered, and counts those that have not.
func reportOf(sent *sentEvent, found []engine.Delivery, quorum int) (r sendReport, open int) {
	e := sent.event
	if len(found) > 0 {
		e = found[0].Event // It has another id by now when a relay wanted work.
	}
	r = sendReport{Event: e.ID, Pubkey: e.PubKey, Kind: e.Kind, Quorum: quorum, Relays: []relayAnswer{}}
	var named []string
	for _, d := range found {
		r.Relays = append(r.Relays, relayAnswer{d.Relay, d.State, d.Reason})
		switch {
		case d.State == engine.Accepted:
			r.Accepted++
			named = append(named, engine.PublicRelay(d.Relay))
		case !ledger.Final(d.State):
			open++
		}
	}
	if len(found) == 0 {
		open = 1 // The state is a moment behind.
	}
	slices.SortFunc(r.Relays, func(a, b relayAnswer) int {
		return slices.Index(sent.relays, a.Relay) - slices.Index(sent.relays, b.Relay)
	})
	slices.Sort(named)
	r.Delivered = r.Accepted >= quorum
	r.Nevent, _ = reference.Nevent(e.ID, e.PubKey, e.Kind, named[:min(len(named), maxNamed)]...) // The event is sound.
	return r, open
}

// printSent prints the name of the event, and a line for each relay.
func (a *app) printSent(r sendReport, from *sender) {
	printLine(a.Out, "%s", r.Nevent)
	width, open := 0, 0
	for _, one := range r.Relays {
		width = max(width, min(utf8.RuneCountInString(one.Relay), screen.Width/2))
	}
	for _, one := range r.Relays {
		text := strings.TrimSuffix(wordOf(one.State)+": "+screen.OneLine(one.Reason), ": ")
		if !ledger.Final(one.State) {
			open++
		}
		for i, part := range screen.Wrap(text, screen.Width-width-4) {
			printLine(a.Out, "  %-*s  %s", width, []string{one.Relay, ""}[min(i, 1)], part)
		}
	}
	printLine(a.Out, "Accepted by %d of %s (quorum %d).", r.Accepted, screen.Count(len(r.Relays), "relay"), r.Quorum)
	switch {
	case open == 0:
	case from.kept == "":
		printLine(a.Out, "Nothing keeps what is missing; a configuration has an outbox that does.")
	default:
		printLine(a.Out, "What is missing stays owed; %s (rhea outbox list).", from.heir())
	}
}

// wordOf says what a state of a delivery means to whoever has just sent it.
func wordOf(s engine.DeliveryState) string {
	switch s {
	case engine.Accepted:
		return "accepted"
	case engine.Rejected:
		return "refused"
	case engine.GivenUp:
		return "given up"
	}
	return "no answer yet"
}
