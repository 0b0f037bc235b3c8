package sqlite

import (
	"sync/atomic"

	"zombiezen.com/go/sqlite"
)

const (
	// checkpointAt is the length of the log, in pages, at which a checkpoint copies it into the file.
	checkpointAt = 4000
	// restartAt is the length at which the writer waits for readers once, so that the log starts over. It is reached only
	// when readers never pause.
	restartAt = 4 * checkpointAt
	// pagesPerGroup and pagesPerWrite estimate how fast the log grows; SQLite reports its length only at a checkpoint.
	pagesPerGroup = 12
	pagesPerWrite = 1
)

// checkpointer runs checkpoints on a connection of its own, beside the commits.
type checkpointer struct {
	conn *sqlite.Conn
	due  chan struct{}
	done chan struct{}

	// pages belongs to the writer: the estimated pages since the last checkpoint.
	pages int
	// copied is the length of the log at the end of a checkpoint, until the writer has copied what came meanwhile.
	copied atomic.Int64
}

func newCheckpointer(c *sqlite.Conn) *checkpointer {
	p := &checkpointer{conn: c, due: make(chan struct{}, 1), done: make(chan struct{})}
	go p.run()
	return p
}

// noteGroup is called by the writer after each group.
func (p *checkpointer) noteGroup(writer *sqlite.Conn, n int) {
	if length := p.copied.Swap(0); length > 0 {
		p.finish(writer, length)
	}
	p.pages += pagesPerGroup + pagesPerWrite*n
	if p.pages < checkpointAt {
		return
	}
	p.pages = 0
	select {
	case p.due <- struct{}{}:
	default:
	}
}

// finish copies what was written during a checkpoint, so that the log starts over: a sync of pages that are written again
// takes half as long as one of a log that grows. A fault appears again at the next commit.
func (p *checkpointer) finish(writer *sqlite.Conn, length int64) {
	how := "PRAGMA wal_checkpoint(PASSIVE)"
	if length > restartAt {
		how = "PRAGMA wal_checkpoint(RESTART)"
	}
	_, _ = checkpoint(writer, how)
}

func (p *checkpointer) run() {
	defer close(p.done)
	for range p.due {
		// A checkpoint that fails loses nothing and is tried again. A fault of the disk appears again at the next commit.
		if pages, err := checkpoint(p.conn, "PRAGMA wal_checkpoint(PASSIVE)"); err == nil {
			p.copied.Store(pages)
		}
	}
}

// stop ends the checkpointer. Closing the connection of the writer, the last one, runs the final checkpoint.
func (p *checkpointer) stop() error {
	close(p.due)
	<-p.done
	return p.conn.Close()
}

// checkpoint runs a checkpoint and returns the length of the log in pages.
func checkpoint(c *sqlite.Conn, pragma string) (pages int64, err error) {
	err = exec(c, pragma, func(s *sqlite.Stmt) error { pages = s.ColumnInt64(1); return nil })
	return pages, err
}
