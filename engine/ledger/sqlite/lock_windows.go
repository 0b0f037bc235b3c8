package sqlite

import (
	"os"

	"golang.org/x/sys/windows"
)

// noFollow has no counterpart here; links take a right that few have.
const noFollow = 0

// tryLock locks one byte far behind the content, because a locked byte cannot be read by others.
func tryLock(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
}

// unlock lets go at once, before the file is closed.
func unlock(f *os.File) error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
}
