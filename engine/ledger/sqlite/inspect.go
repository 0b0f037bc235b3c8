package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"zombiezen.com/go/sqlite"
)

const (
	// inspectFirst is the size up to which a file is inspected before anything uses it, in some 20 ms. A larger one is
	// inspected while the bot begins.
	inspectFirst = 8 << 20
	// inspectEvery is how often the file is inspected again.
	inspectEvery = 24 * time.Hour
)

// inspector looks through the file of a running bot, beside the commits: SQLite believes what it reads, and what is
// damaged may not be read for months.
type inspector struct {
	path   string
	health *health
	// begun says that the file was inspected before it was used.
	inspected   bool
	quit, ended chan struct{}
}

func newInspector(path string, h *health, begun bool) *inspector {
	i := &inspector{path: path, health: h, inspected: begun, quit: make(chan struct{}), ended: make(chan struct{})}
	go i.run()
	return i
}

func (i *inspector) run() {
	defer close(i.ended)
	if !i.inspected {
		i.inspectFile()
	}
	again := time.NewTicker(inspectEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			i.inspectFile()
		case <-i.quit:
			return
		}
	}
}

// look inspects the file on a connection of its own, until the ledger is closed.
func (i *inspector) inspectFile() {
	c, err := connect(i.path, sqlite.OpenReadOnly)
	if err != nil {
		i.health.note(err)
		return
	}
	c.SetInterrupt(i.quit)
	i.health.note(errors.Join(inspect(c, "integrity_check"), c.Close()))
}

func (i *inspector) stop() {
	close(i.quit)
	<-i.ended
}

// inspect looks through the whole file: with quick_check at the pages alone, with integrity_check also at what the
// indexes say of the tables, in twice the time.
func inspect(c *sqlite.Conn, check string) error {
	found := "nothing was looked at"
	err := exec(c, "PRAGMA "+check+"(1)", func(s *sqlite.Stmt) error { found = s.ColumnText(0); return nil })
	if err == nil && found != "ok" {
		err = fmt.Errorf("%s: %w", found, sqlite.ResultCorrupt.ToError())
	}
	return err
}

// small reports whether a file and its log are inspected in no time.
func isSmall(path string) (bool, error) {
	var size int64
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		switch {
		case err == nil:
			size += info.Size()
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	return size <= inspectFirst, nil
}
