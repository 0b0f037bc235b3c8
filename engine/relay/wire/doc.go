// Package wire reads what relays send, as bytes: the frames of NIP-01, events, hex digits. It knows of no connection, no
// subscription and no rule, and may import nothing of ours.
//
// There are two ways to read an EVENT. A [Peek] is one pass without copying that believes nothing: it finds the fields
// by which an unwanted frame is dropped. [ParseFrame] and [ParseEvent] are strict: what they return has the form that
// NIP-01 demands and an id that is the hash of the body. Only the signature is left to check. Of a frame in the usual
// form both read the same; a fuzz target holds them together.
//
// # Decisions
//
// The peek stays beside the strict parser, because it pays (BenchmarkDispatch): a frame that is known or unwanted costs
// 0.2 to 0.5 µs with it and 5 to 20 µs without, and one that is wanted costs the same. Would change: a strict parser that
// copies nothing.
package wire
