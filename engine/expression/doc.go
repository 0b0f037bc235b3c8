// Package expression is the one small language of a configuration: expr (expr-lang.org) in conditions and inside
// ${{ … }} in any text, typed by the data that a rule's trigger offers.
//
// A [Compiler] knows one data type. It turns a [Template] into the engine's compiled values and reports every
// mistake with its place as [Findings]. What was compiled runs many times and at the same time, on data that
// strangers send, so everything is bounded: the size of the source, the number of nodes, the nesting and the turns
// of loops, the memory and the size of the result. An evaluation that could still take long is watched and
// abandoned after a deadline. Whatever goes wrong is an error with a place, never a panic and never "false".
package expression
