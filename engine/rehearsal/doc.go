// Package rehearsal runs rules on what they are given: no network, no state that lasts, and a clock that stands still
// until it is moved. All between is the code that a running bot uses: its triggers, gates and
// actions, and the signing of events.
//
// A [Sandbox] shows samples to one rule after the other and returns what came of each. Tests of a configuration ([Run])
// and explanations use it.
package rehearsal
