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
	// inspectFirst is the size up to which a file is inspected before it is used, in some 20 ms. A larger one is
	// inspected while the bot starts.
	inspectFirst = 8 << 20
	// inspectEvery is how often the file is inspected again.
	inspectEvery = 24 * time.Hour
)

// inspector checks the file of a running bot at intervals, beside the commits. SQLite detects damage only in pages that
// it reads, and some pages may not be read for months.
type inspector struct {
	path   string
	health *health
	// inspected is true when the file was inspected before it was used.
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

// inspectFile inspects the file on a connection of its own, until the ledger is closed.
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

// inspect checks the whole file: quick_check only the pages, integrity_check also the indexes, in twice the time.
func inspect(c *sqlite.Conn, check string) error {
	found := "nothing was looked at"
	err := exec(c, "PRAGMA "+check+"(1)", func(s *sqlite.Stmt) error { found = s.ColumnText(0); return nil })
	if err == nil && found != "ok" {
		err = fmt.Errorf("%s: %w", found, sqlite.ResultCorrupt.ToError())
	}
	return err
}

// isSmall reports whether a file with its log is small enough to be inspected before it is used.
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
