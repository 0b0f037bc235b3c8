package rehearsal

import (
	"reflect"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// runner runs the steps of one test.
type runner struct {
	sandbox    *Sandbox
	rule       *engine.Rule
	identities map[string]engine.Identity
	answers    *answers
	dir        string
	update     bool
	// published is what the bot published last in the steps before, shown the event of the step under way.
	published, shown *nostr.Event
}

// answersOwn reports whether the trigger wants answers to what the bot wrote.
func (r *runner) answersOwn() bool {
	_, ok := fieldNamed(reflect.New(r.rule.Triggers[0].Kind.Data.Elem()).Elem(), "parent")
	return ok
}

func (r *runner) relay() string {
	for _, t := range r.rule.Triggers {
		for _, relay := range t.Relays {
			return relay
		}
	}
	return ""
}
