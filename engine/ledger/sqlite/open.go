package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine/ledger"
)

// Open opens the state file at path for one process at a time and creates it when there is none. A file that is
// damaged, of another program or of a newer version is left as it is.
func Open(path string, o Options) (*Ledger, error) {
	o.History = o.History.WithDefaults()
	if o.Events <= 0 {
		o.Events = 30 * 24 * time.Hour
	}
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	// Only a regular file gets a lock beside it.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, checkFile(path, info)
	}
	held, err := lock(path)
	if err != nil {
		return nil, err
	}
	l, err := open(path, o)
	if err != nil {
		return nil, errors.Join(err, release(held))
	}
	l.lockFile = held
	return l, nil
}

func open(path string, o Options) (*Ledger, error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(path); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, fmt.Errorf("cannot open the state file: %w", err)
	default:
		if err := checkFile(path, info); err != nil {
			return nil, err
		}
	}
	c, err := connect(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	inspected, err := prepare(c, path)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	checkpoints, err := connect(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	l := &Ledger{
		Reader: newReader(path), writer: newWriter(c, newCheckpointer(checkpoints), o), queued: make(map[string]*position),
		cached: make(map[string]string), claims: newFilter[claimKey](), counters: newFilter[int64](),
		filled: make(chan struct{}),
	}
	l.note = l.writer.health.note
	l.inspector = newInspector(path, &l.writer.health, inspected)
	l.drainer = ledger.NewDrainer(l)
	go l.fillFilters()
	return l, nil
}

// OpenReadOnly opens the state file at path for reading, also while a bot runs on it. Pending writes of the bot, up to
// a second of positions and decisions, are not included.
func OpenReadOnly(path string) (*Reader, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the state file: %w", err)
	}
	if err := checkFile(path, info); err != nil {
		return nil, err
	}
	c, err := connect(path, sqlite.OpenReadOnly)
	if err != nil {
		return nil, err
	}
	version, err := recognize(c, path)
	if newest := len(migrations()); err == nil && version < newest {
		err = fmt.Errorf("the state file %s has the older schema version %d; start the bot once to bring it to %d",
			path, version, newest)
	}
	if err := errors.Join(err, c.Close()); err != nil {
		return nil, err
	}
	return newReader(path), nil
}

// prepare checks that the database is ours and undamaged, and migrates it. A large one is not inspected.
func prepare(c *sqlite.Conn, path string) (inspected bool, err error) {
	version, err := recognize(c, path)
	if err != nil {
		return false, err
	}
	if inspected, err = isSmall(path); err == nil && inspected {
		err = inspect(c, "quick_check")
	}
	if err != nil {
		return inspected, fault(path, err)
	}
	mode := ""
	err = exec(c, "PRAGMA journal_mode = WAL", func(s *sqlite.Stmt) error { mode = s.ColumnText(0); return nil })
	if err != nil {
		return inspected, fault(path, err)
	}
	if mode != "wal" {
		return inspected, fmt.Errorf("the folder of the state file %s cannot hold a write-ahead log; use a local disk", path)
	}
	return inspected, fault(path, migrate(c, version))
}
