// Package config turns text into rules, or into the complete list of mistakes with their places.
//
// It may use the contract and expressions.
//
// [Load] reads files, [Parse] one text. What is written goes through four steps, and every step reports all it
// finds before the next one decides whether it can go on: YAML into nodes that know their places; nodes into Go
// values by our own strict decoder, which knows every key and refuses the others; texts into compiled expressions,
// typed by what the rule's trigger offers; and values into triggers and actions, built by their kinds only to see
// whether they can be. The kinds are handed in, so this room knows none of them.
//
// A [Problem] has the place, what is wrong and what to do. It never repeats a secret.
//
// # Decisions
//
// A special type is a row: decoder, messages, reference and schema read [SpecialTypes], and a test asks that each row is
// complete. Would change: kinds that want special types beyond encoding.TextUnmarshaler.
//
// What a kind needs is found by building it: a tag would be a second truth. Would change: a Build that is slow or has
// effects.
//
// What aliases add is counted before anything is decoded, and each rule is bounded by itself, so that a file may hold ten
// thousand rules and a few lines cannot stand for millions of values. Would change: a YAML parser that can be stopped.
//
// Carets are exact, so places.go reads scalars again. Would change: a YAML parser with places inside scalars.
package config
