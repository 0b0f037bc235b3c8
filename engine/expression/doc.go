// Package expression is the one small language of a configuration: expr (expr-lang.org) in conditions and inside
// ${{ … }} in any text, typed by the data that a rule's trigger offers.
//
// It may use the contract, and text and references for its functions.
//
// A [Compiler] knows one data type. It turns a [Template] into the engine's compiled values and reports every
// mistake with its place as [Findings]. What was compiled runs many times and at the same time, on data that
// strangers send, so everything is bounded: the size of the source, the number of nodes, the nesting and the turns
// of loops, the memory and the size of the result. An evaluation that could still take long is watched and
// abandoned after a deadline. Whatever goes wrong is an error with a place, never a panic and never "false".
//
// # Decisions
//
// Loops are counted, not timed: expr's VM has no deadline. Every turn of a predicate loop calls a counter that ends the
// evaluation; a watchdog guards what is left, built-in functions over large inputs. Would change: expressions that can
// be interrupted.
//
// Texts are counted in bytes. The texts that one evaluation makes on the way are 8 MiB at most; one text of a stranger
// is read to 64 KiB, an event to 256 KiB in all, because lists are long and single texts cost work. Would change: a use
// that needs more.
//
// Lists are filled before an evaluation, not by each trigger: expr turns a nil list into an absent value, and kinds of
// one's own need it too. Would change: expr telling the two apart.
//
// Methods of a trigger's data are visible in snake case: event.hashtags is the Go method Hashtags, computed only when an
// expression names it. So data types stay ordinary Go. Would change: methods with arguments.
//
// Free words are a property of the data: a field that holds what a stranger wrote says so (words:"free"), and check
// warns when it is published without sanitize. Feeds are the operator's choice and do not have it. Would change: feeds
// that strangers write.
//
// Data files are part of the program. Their values are constants of the compiled expressions; they are read once, from
// JSON files beside the configuration or below it, and cannot lead elsewhere by a link. Would change: data that must
// change while the bot runs.
//
// What several rules write alike is one program, unless it names outputs or data, draws from a cycle, or may run away:
// then each rule has its own count of what it abandoned. A program keeps no tree. Would change: programs that hold more
// of the rule they stand in.
package expression
