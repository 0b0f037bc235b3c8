//go:build !windows

package sqlite

import (
	"os"
	"syscall"
)

// noFollow refuses a link instead of the lock file, which could lead to another file that would be overwritten.
const noFollow = syscall.O_NOFOLLOW

func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// unlock releases the lock at once: after only closing it, a child process that is being started and still shares the
// open file would hold it.
func unlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
