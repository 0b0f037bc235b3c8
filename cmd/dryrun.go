package cmd

import (
	"encoding/json"
	"io"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// printDrafts writes what a dry run would have published, one JSON object a line.
type printDrafts struct{ out io.Writer }

var _ engine.Observer = printDrafts{}

// Decided implements [engine.Observer].
func (p printDrafts) Decided(d engine.Decision, events []nostr.Event) {
	for _, e := range events {
		line := struct {
			Rule    string      `json:"rule"`
			Trigger string      `json:"trigger"`
			Key     string      `json:"key"`
			Event   nostr.Event `json:"event"`
		}{d.Rule, d.Trigger, d.Key, e}
		raw, err := json.Marshal(line)
		if err != nil {
			continue // An event always marshals.
		}
		_, _ = p.out.Write(append(raw, '\n'))
	}
}

// Settled implements [engine.Observer].
func (printDrafts) Settled(engine.Delivery, engine.Settlement) {}
