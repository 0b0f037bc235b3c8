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
package control
