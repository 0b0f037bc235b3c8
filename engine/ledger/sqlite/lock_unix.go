//go:build !windows

package sqlite

import (
	"os"
	"syscall"
)

// noFollow keeps a link that somebody put in the place of the lock from leading to another file, which would be written.
const noFollow = syscall.O_NOFOLLOW

func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// unlock lets go at once: closing alone would leave the lock to a child process that is just being started and still
// shares the open file.
func unlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
