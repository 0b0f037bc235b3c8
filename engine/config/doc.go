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
package config
