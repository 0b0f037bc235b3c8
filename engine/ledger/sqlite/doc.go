// Package sqlite is the ledger in one file on this machine, in pure Go.
//
// One goroutine writes. Whatever waits when it is free becomes one transaction, so that 64 commits at once cost
// little more than one; each still gets its own answer, and one that fails does not touch the others. A commit is on
// the disk when it returns (write-ahead log, synchronous=FULL), and so is the first position of a stream; decisions and
// later positions may be lazy: they ride with the next commit or are written within a second. The log is folded into
// the file by another goroutine, beside the path of the commits. Readers have connections of their own and never wait
// for the writer.
//
// The file can be read with the sqlite3 shell while the bot runs: tables claim, position, event, delivery and
// decision, and the views outbox and history. A lock on the file beside it, named with .lock at the end, keeps a second
// bot away; it goes with the process that holds it, however that ends.
package sqlite
