// Package gate decides whether a signal is answered.
//
// Each [Gate] looks at a [Candidate] and returns a [Verdict]; [Rule.Door] and [Rule.Inside] are the gates of a rule in the
// order in which they are asked, one table each, built for its first signal. [Rule.Reserve] is asked last, with the events
// that the actions have made: it holds them against the budgets (flood_stop, repeat_after).
//
//	size crowd │ hold age expiration self duplicate opt_out condition signature loop identity patience limit mute_list │ repeat flood
//
// Gates change nothing but their own memory: what they want stored, counted or said stands in the verdict. Whoever asks
// them holds the keys that [Gate.Locks] names until the signal is stored, so that what one gate has seen of an author is
// true until then. It may use the contract and look-ups. It knows neither actions nor relays nor who carries the signal.
//
// # Decisions
//
// A gate is a value, and a verdict that says nothing is an error: a gate that forgets to decide stops the signal.
//
// Budgets are asked last, between the actions and the commit: only then is it known how many events there are and by
// whom. They reserve in three steps, so that no lock is held over the ledger: what is about to be published is marked,
// what is not known is read, and then it is counted under the lock; two rules cannot both take the last place. A hold is
// stored before the counts begin anew, and who counts after it looks for the hold again. Would change: several machines
// with one ledger.
//
// Whoever passes a limit has a place under it until it is stored. A signal is turned down for what is stored, and waits for
// those with a place only when it depends on them: far from its limits a rule answers many at once, and two never both take
// the last place. Would change: several machines with one ledger.
//
// What is counted is kept in memory. The ledger is asked once for each count, and a commit adds to it, so that a rule with
// many answers costs what a new one does. What was read while a commit under the same counter was on its way is used once
// and not kept: it may lack it. Would change: several machines with one ledger.
//
// A rule that exceeds its budget is held by a position, which the next signal, the next start and the command line see;
// when it goes on, only what comes after counts. A dry run meets the budgets and takes nothing from them.
//
// What only another rule can say again at the same time, an answer to one event, is remembered in memory and not looked
// up in the ledger. Would change: rules of another process that act as the same identity.
//
// Strangers cannot switch a bot off. Keys cost nothing, so whatever one key may do, thousands may do at once. Rules that
// strangers set off are never held: over their flood_stop they slow down to its pace, and half of an identity's budget
// is kept for feeds, schedules and whatever else strangers do not set off. Who is answered in a crowd depends on
// standing (standing.go): people answered before it came or followed by the identity first, then proof of work of 16
// bits or a profile older than the crowd; newcomers share the rest by chance. A newcomer without a place costs no
// look-up, no claim and no line of the log. Would change: a web of trust that costs a bot nothing to ask.
//
// People sleep, bots do not. Rates alone only slow a loop down, so answers to one author are counted since the author
// was last silent for eight hours (patience.go); after 30 the author is taken for a bot until there is such a break.
// Each further time the break must be twice as long, up to two weeks, until a month has passed. 30 is also the day's
// limit, so no break can be too short for it. What a limit turned down is no break either. Would change: a service whose
// people ask more before they sleep.
//
// Who cannot be looked up is a person. The loop gate waits for the first relay that says something about the author, up
// to ten seconds when all are silent, and one second when they were silent the last time; then the event passes and its
// history says why. Holding it back would let one mute relay silence the bot; the limits still end a loop. The question
// leaves while the signature is checked. Would change: relays that answer for sure.
//
// Stop is heard before the condition, the hold and the age: no rule has to provide for it, and rules that people speak to
// read back a week after a pause. What is older than max_age counts without a reply. The word is stored with the claim on
// its event, so it counts once. Relays bring the newest first, so an older word does not undo a later one. The reply that
// confirms it obeys rate and has a budget of its own; beyond it the word is stored without a reply. Words of newcomers take
// a bounded number of places, the oldest forgotten first. Rules that nobody speaks to leave the person alone too. Would
// change: a field of Nostr's own for "do not answer me".
package gate
