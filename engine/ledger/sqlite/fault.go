package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"rhea/engine/ledger"
)

// applicationID marks a state file as ours: "Rhea" in ASCII.
const applicationID = 0x52686561

// fault adds to err which file it is about and what to do.
func fault(path string, err error) error {
	if err == nil || errors.Is(err, ledger.ErrClosed) || errors.Is(err, ledger.ErrNotFound) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt:
		return fmt.Errorf("the state file %[1]s is damaged (%[2]w): stop the bot, copy the file with its -wal, and start with a backup, "+
			"or with --state NEW.db and what is saved by `%[3]s`; what is lost of it may be posted again", path, err, salvage(path))
	case sqlite.ResultNotADB:
		return fmt.Errorf("the state file %s is damaged or not one of Rhea's (%w); it was left as it is: "+
			"put a backup in its place, or move it away to start without a memory", path, err)
	case sqlite.ResultFull:
		return fmt.Errorf("the disk of the state file %s is full (%w); nothing was stored: make room", path, err)
	case sqlite.ResultBusy:
		return fmt.Errorf("the state file %s is locked by another program (%w); close it", path, err)
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultCantOpen:
		return fmt.Errorf("the state file %s cannot be opened (%w); check that this user may write it and its folder", path, err)
	default:
		return fmt.Errorf("state file %s: %w", path, err)
	}
}

// salvage is the command that saves what is readable of a damaged state. Every sqlite3 has .dump, while many
// distributions build it without .recover. A dump continues after errors, but ends with ROLLBACK and lacks the
// application id.
func salvage(path string) string {
	return fmt.Sprintf("(umask 077; { sqlite3 %[1]s .dump | sed 's/^ROLLBACK.*/COMMIT;/'; echo \"PRAGMA application_id=%[2]d; "+
		"PRAGMA user_version=$(sqlite3 %[1]s 'PRAGMA user_version');\"; } | sqlite3 NEW.db)", path, applicationID)
}
