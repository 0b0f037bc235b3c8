// Package thread knows who answers whom: it reads an event's tags and says which event it answers directly and which
// one its conversation began with.
//
// It may use nothing of ours.
//
// Each kind has its own way: notes, messages and channels mark their e tags or order them (NIP-10, NIP-17, NIP-28),
// comments write the root in upper and the parent in lower case (NIP-22), reposts, reactions and zaps point at their
// target (NIP-18, NIP-25, NIP-57), chat messages quote what they answer (NIP-C7). Elsewhere a quote is not an answer.
//
// Tags come from strangers. A tag that is not what it should be, such as an id in upper case, is passed over.
package thread
