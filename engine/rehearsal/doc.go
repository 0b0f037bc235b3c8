// Package rehearsal runs rules on what they are given: no network, no state that lasts, and a clock that stands still
// until it is moved. Everything between is the real thing: the triggers judge, the gates decide, the actions draft,
// the events are signed.
//
// A [Stage] shows samples to one rule after the other and tells what came of each; tests of a configuration run on it
// ([Run]), and explanations.
package rehearsal
