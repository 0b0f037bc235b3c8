// Package rehearsal runs rules on what they are given: no network, no state that lasts, and a clock that stands still
// until it is moved. All between is the code that a running bot uses: its triggers, gates and
// actions, and the signing of events.
//
// It may use the contract, bot, configuration, identities, keys, references and the ledger in memory.
//
// A [Sandbox] shows samples to one rule after the other and returns what came of each. Tests of a configuration ([Run])
// and explanations use it.
//
// # Decisions
//
// A rehearsal runs the real rooms. A sample is shown to the rule's own trigger ([rhea/engine.Sampler]: would this be a
// signal, and if not, why?) and carried through the same gates and actions, on a ledger that is thrown away and a clock
// that stands still. No second implementation can disagree; a test compares explanations with the history of a bot, gate
// by gate. What the state noted later than a decision is left out of its explanation. A kind that is no Sampler is given
// its data by name. Would change: an action whose effects cannot be held back.
//
// check --online is a rehearsal too, of what the triggers find, with a state in which nothing was answered yet; what
// relays say they take (NIP-11) is held against the very events that come out.
package rehearsal
