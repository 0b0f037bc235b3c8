// Package control is the operator's controls: hold and resume a rule, send or drop what is owed, run again what failed,
// take back what was published.
//
// One process at a time writes a bot's state. While a bot runs, its [Controller] carries out orders on the state and tells
// the bot what has changed, and [Serve] takes them over a socket that only the bot's user may open. While none runs, a verb
// opens the state and carries them out itself. [Connect] finds out which, and returns [Controls] either way:
//
//	verb ─ Connect ─┬─ no bot: Controller ─▶ state
//	                └─ remote ─ socket ─ server ─▶ Controller ─┬─▶ state
//	                                                           └─▶ Bot
//
// It is also where a state file is opened, and what only a running bot knows is asked for ([Ask]).
//
// It may use the contract, the ledger, SQLite to open it, and package delivery to know which answers are in doubt. It reads
// no configuration, opens no key and prints nothing: who calls it hands in the signers and renders what it returns.
//
// # Decisions
//
// Verbs that change something give the order to the running bot, over HTTP with JSON on a Unix-domain socket, or work on
// the state themselves; both ways end in the same code. The socket lies beside the state file, in a folder for temporary
// files where the path is too long for one; its address stands in the lock file. The lock is the system's, so a socket
// that is there when the lock is free is left over, and is replaced. The bot signs what it takes back, so the operator's
// account needs no keys. Would change: a bot that is looked after from another machine.
//
// What is taken back is remembered by the request itself. A request (kind 5) is an event of the rule like any other; the
// events it names on a relay are not asked to be deleted there again. What is still owed is dropped, and asked to be
// deleted all the same: a relay may have an event whose answer was lost. The requests are committed before the
// deliveries are dropped, so a crash in between leaves something that the next undo finds. Would change: relays that
// tell what they have deleted.
//
// The controls know no configuration and no command line. [Connect] returns the same [Controls] for a running bot and
// for a state that it opens; keys come in as a function that is called only when an order must be signed. So verbs use
// the same orders as whatever else may come to look after a bot. Would change: an order that needs the rules, such as
// loading them anew.
//
// A state is read through [rhea/engine/ledger.Reader], and opened here and nowhere else in production code: a second
// backend must not touch the verbs. Would change: a verb that needs more than a reader can say.
package control
