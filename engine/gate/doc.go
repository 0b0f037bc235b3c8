// Package gate decides whether a signal is answered.
//
// Each [Gate] looks at a [Candidate] and returns a [Verdict]; [Rule.Door] and [Rule.Inside] are the gates of a rule in the
// order in which they are asked, one table each, built once. [Rule.Reserve] is asked last, with the events that the actions
// have made: it holds them against the budgets (flood_stop, repeat_after).
//
//	size crowd │ hold age expiration self duplicate opt_out condition signature loop identity patience limit mute_list │ repeat flood
//
// Gates change nothing but their own memory: what they want stored, counted or said stands in the verdict. Whoever asks
// them holds the keys that [Gate.Locks] names until the signal is stored, so that two at once cannot both take the last
// place. It may use the contract and look-ups. It knows neither actions nor relays nor who carries the signal.
package gate
