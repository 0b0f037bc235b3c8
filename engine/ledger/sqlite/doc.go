// Package sqlite is the ledger in one file on this machine, in pure Go.
//
// It may use the contract and package ledger.
//
// One goroutine writes. It puts all writes that wait into one transaction, so that 64 commits at once cost little more
// than one; each still gets its own answer, and one that fails does not affect the others. A commit is on the disk when
// it returns (write-ahead log, synchronous=FULL), and so is the first position of a stream. Decisions and later
// positions may be lazy: they are written with the next commit or within a second, and what became of a delivery within
// 20 ms. Another goroutine copies the log
// into the file (checkpoint), beside the commits. Readers have connections of their own and never wait for the writer.
//
// The file can be read with the sqlite3 shell while the bot runs: tables claim, position, event, delivery,
// decision and tally, and the views outbox and history. A lock on a file beside it, with .lock at the end of its name, keeps a
// second bot away. The system releases the lock with the process that holds it.
//
// # Decisions
//
// What status says is added up by the transaction that changes it (table tally), each row once a transaction, not by
// triggers, which made a commit a third dearer. Would change: a second program that writes the file.
//
// Indexes hold twelve characters of an id: enough to find one. The decisions on an event are found by walking along an
// index in the order of time, some 25 ms for a whole history, because an index on random ids makes every commit write a
// page more. Would change: a history of more than 100,000 decisions.
//
// What a relay brings was nearly never claimed before, nor was a new thread counted, so Seen and Counted ask filters in
// memory first: 2 to 4 bytes a key, at most 4 MiB each, filled from the file beside the start. Until one is filled, every
// key is read. Keys that expire stay in it until the process ends, and cost a read when they are asked for. Would change:
// more than two million claims.
//
// A counter is stored as 63 bits of a hash of its name, a time and a number: names are ten times as long, and a commit
// counts up to seven times in as many places of the table. Would change: somebody who wants to read counters in a shell.
//
// The writer finishes each checkpoint that ran beside commits, so that the log starts over: it stays at some 20 MB, and a
// sync of a log that is written over takes half as long as one of a log that grows. Would change: a log of fixed length.
//
// The writer lets others that can run go first before it writes, and waits for no time: 64 commits on one busy core share
// a transaction instead of some ten, and one that is alone is written at once. Would change: a scheduler that wakes the
// receiver of a channel last.
//
// Upkeep goes by a time that moves two hours a round at most, so a clock that is ahead for a while makes it forget
// nothing. Would change: a clock that says how sure it is.
//
// Damage is salvaged with .dump, because .recover is not in every sqlite3. Would change: a verb of our own.
package sqlite
