package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// maxHolder is more than a number and the longest path.
const maxHolder = 8 << 10

// ErrInUse is the error of a state file that another process has opened.
var ErrInUse = errors.New("is in use")

// lock takes the lock of the state file at path. The operating system releases it with the process.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("cannot lock the state file %[1]s: %[1]s.lock is a link to another file; remove the link", path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock the state file %s: %w", path, err)
	}
	if err := tryLock(f); err != nil {
		holder := "another process"
		if pid, _ := readHolder(f); pid > 0 {
			holder = fmt.Sprintf("another process (pid %d)", pid)
		}
		if errno, ok := errors.AsType[syscall.Errno](err); ok && errno.Timeout() {
			err = nil // The message below says that the lock is taken.
		}
		inUse := fmt.Errorf("the state file %s %w by %s; stop it or use another state file", path, ErrInUse, holder)
		if err = closeAfter(f, err); err != nil {
			return nil, fmt.Errorf("%w (%w)", inUse, err)
		}
		return nil, inUse
	}
	if err := writeHolder(f, ""); err != nil {
		return nil, fmt.Errorf("cannot lock the state file %s: %w", path, closeAfter(f, err))
	}
	return f, nil
}

// release ends a lock.
func release(f *os.File) error { return errors.Join(unlock(f), f.Close()) }

// writeHolder writes who holds the lock and the address of its control socket. Both are only for people and for
// [Holder].
func writeHolder(f *os.File, address string) error {
	text := strconv.Itoa(os.Getpid()) + "\n"
	if address != "" {
		text += address + "\n"
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// Held reports whether a process holds the state file at path now. It takes the lock for a moment to find out, so use
// it only where the process itself cannot be asked.
func Held(path string) (held bool, err error) {
	path, err = resolve(path)
	if err != nil {
		return false, err
	}
	f, err := os.OpenFile(path+".lock", os.O_RDWR|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot read who holds the state file: %w", err)
	}
	if tryLock(f) != nil {
		return true, f.Close()
	}
	return false, release(f)
}

// Holder returns what the last process that opened the state file at path has advertised, "" for nothing. The process
// may have ended.
func Holder(path string) (pid int, address string, err error) {
	path, err = resolve(path)
	if err != nil {
		return 0, "", err
	}
	f, err := os.OpenFile(path+".lock", os.O_RDONLY|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("cannot read who holds the state file: %w", err)
	}
	pid, address = readHolder(f)
	return pid, address, f.Close()
}

// readHolder reads what writeHolder has written, as far as it is valid.
func readHolder(f *os.File) (pid int, address string) {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, maxHolder))
	if err != nil {
		return 0, ""
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	if pid, err = strconv.Atoi(strings.TrimSpace(first)); err != nil {
		return 0, ""
	}
	return pid, strings.TrimSuffix(rest, "\n")
}
