package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
)

// busyTimeout is how long a connection waits for another program that has locked the file.
const busyTimeout = 5 * time.Second

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
