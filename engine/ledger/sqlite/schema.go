package sqlite

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

//go:embed schema1.sql
var schema1 string

//go:embed schema2.sql
var schema2 string

//go:embed schema3.sql
var schema3 string

//go:embed schema4.sql
var schema4 string

//go:embed schema5.sql
var schema5 string

//go:embed schema6.sql
var schema6 string

// migrations returns the scripts from each schema version to the next. PRAGMA user_version counts them.
func migrations() []string { return []string{schema1, schema2, schema3, schema4, schema5, schema6} }

// create makes an empty state file under another name and renames it, so that a file at path is always complete: an
// empty or truncated one is damaged and never mistaken for a new one.
func create(path string) error {
	for _, left := range []string{"-wal", "-journal"} {
		if _, err := os.Stat(path + left); err == nil {
			return fmt.Errorf("the state file %[1]s is missing but its log %[1]s%[2]s is there; "+
				"put the file back, or move the log away to start without a memory", path, left)
		}
	}
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot create the state file %s: %w", path, err)
	}
	f, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot create the state file %s: %w", path, err)
	}
	if err := errors.Join(fill(temporary), f.Sync(), f.Close()); err != nil {
		return fault(path, errors.Join(err, os.Remove(temporary)))
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("cannot create the state file %s: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// fill writes the schema. An incomplete new file is discarded, so there is no journal, and the caller syncs once.
func fill(path string) (err error) {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	for _, pragma := range []string{
		"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", fmt.Sprintf("PRAGMA application_id = %d", applicationID),
	} {
		if err := exec(c, pragma, nil); err != nil {
			return err
		}
	}
	if err := migrate(c, 0); err != nil {
		return err
	}
	return exec(c, "PRAGMA journal_mode = WAL", nil)
}

// migrate brings the schema from version to the newest, each step in one transaction.
func migrate(c *sqlite.Conn, version int) error {
	err := c.CreateFunction("counter_hash", &sqlite.FunctionImpl{
		NArgs: 1, Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			return sqlite.IntegerValue(counterHash(args[0].Text())), nil
		},
	})
	if err != nil {
		return err
	}
	for i, m := range migrations()[version:] {
		script := fmt.Sprintf("%s;\nPRAGMA user_version = %d;", m, version+i+1)
		if err := sqlitex.ExecuteScript(c, script, nil); err != nil {
			return fmt.Errorf("to schema version %d: %w", version+i+1, err)
		}
	}
	return nil
}

// recognize returns the schema version of the database, which must be ours and not newer than this program.
func recognize(c *sqlite.Conn, path string) (version int, err error) {
	id, err := number(c, "PRAGMA application_id")
	if err != nil {
		return 0, fault(path, err)
	}
	if id != applicationID {
		return 0, fmt.Errorf("%s is a database of another program; it was left as it is: name another state file", path)
	}
	v, err := number(c, "PRAGMA user_version")
	if err != nil {
		return 0, fault(path, err)
	}
	if newest := len(migrations()); v < 1 || v > int64(newest) {
		return 0, fmt.Errorf("the state file %s has schema version %d and this program knows %d; it was left as it is: "+
			"use the newer program that wrote it", path, v, newest)
	}
	return int(v), nil
}

// syncFolder makes a new name in a folder durable, where the system supports it.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) &&
		!errors.Is(err, fs.ErrInvalid) {
		return closeAfter(f, err)
	}
	return f.Close()
}

// closeAfter closes f after an error and joins both.
func closeAfter(f *os.File, err error) error {
	if e := f.Close(); e != nil {
		return errors.Join(err, e)
	}
	return err
}
