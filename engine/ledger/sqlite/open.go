package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine/ledger"
)

// busyTimeout is how long a connection waits for another program that has locked the file.
const busyTimeout = 5 * time.Second

// Options of a ledger. The zero value is good.
type Options struct {
	// History caps the decisions that are kept.
	History ledger.Limits
	// Events is how long settled events are kept, so that they can be inspected and deleted; 0 means 30 days.
	Events time.Duration
}

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
		cached: make(map[string]string),
	}
	l.note = l.writer.health.note
	l.inspector = newInspector(path, &l.writer.health, inspected)
	l.drainer = ledger.NewDrainer(l)
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

// resolve follows links, so that two names of one file use one lock.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("the state file has no name")
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return filepath.Clean(path), nil
	}
	if err != nil {
		return "", fmt.Errorf("cannot open the state file: %w", err)
	}
	return target, nil
}

// checkFile checks the file before SQLite opens it, because SQLite takes an empty file for a new one.
func checkFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("the state file %s is not a file", path)
	}
	if info.Size() == 0 {
		return fmt.Errorf("the state file %s is empty: it was cut off or never a state file; "+
			"put a backup in its place, or remove it to start without a memory", path)
	}
	return nil
}

// connect opens a connection that waits up to busyTimeout for others.
func connect(path string, flags sqlite.OpenFlags) (*sqlite.Conn, error) {
	c, err := sqlite.OpenConn(path, flags)
	if err != nil {
		return nil, fault(path, err)
	}
	c.SetBusyTimeout(busyTimeout)
	// The checkpointer runs all checkpoints, not the commits. The cache size is in KiB.
	for _, pragma := range []string{
		"PRAGMA wal_autocheckpoint = 0", "PRAGMA cache_size = -2048", "PRAGMA foreign_keys = ON",
		"PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY",
	} {
		if err := exec(c, pragma, nil); err != nil {
			return nil, fault(path, errors.Join(err, c.Close()))
		}
	}
	return c, nil
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
