package sqlite

import (
	"sync/atomic"

	"zombiezen.com/go/sqlite"
)

const (
	// checkpointAt is the length of the log, in pages, at which a checkpoint copies it into the file.
	checkpointAt = 4000
	// restartAt is the length at which the writer waits once, so that the log starts over. It is reached only when
	// commits never pause.
	restartAt = 4 * checkpointAt
	// pagesPerGroup and pagesPerWrite estimate how fast the log grows; SQLite reports its length only at a checkpoint.
	pagesPerGroup = 6
	pagesPerWrite = 3
)

// checkpointer runs checkpoints on a connection of its own, beside the commits.
type checkpointer struct {
	conn *sqlite.Conn
	due  chan struct{}
	done chan struct{}

	// pages belongs to the writer: the estimated pages since the last checkpoint.
	pages int
	// tooLong is true when the log has not started over for too long.
	tooLong atomic.Bool
}

func newCheckpointer(c *sqlite.Conn) *checkpointer {
	p := &checkpointer{conn: c, due: make(chan struct{}, 1), done: make(chan struct{})}
	go p.run()
	return p
}

// noteGroup is called by the writer after each group.
func (p *checkpointer) noteGroup(writer *sqlite.Conn, n int) {
	p.pages += pagesPerGroup + pagesPerWrite*n
	if p.pages < checkpointAt {
		return
	}
	p.pages = 0
	if p.tooLong.Swap(false) {
		// Nearly all of the log is copied already, so this is short. A fault appears again at the next commit.
		_, _ = checkpoint(writer, "PRAGMA wal_checkpoint(RESTART)")
	}
	select {
	case p.due <- struct{}{}:
	default:
	}
}

func (p *checkpointer) run() {
	defer close(p.done)
	for range p.due {
		// A checkpoint that fails loses nothing and is tried again. A fault of the disk appears again at the next commit.
		if pages, err := checkpoint(p.conn, "PRAGMA wal_checkpoint(PASSIVE)"); err == nil && pages > restartAt {
			p.tooLong.Store(true)
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
