package sqlite

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// lock keeps other processes away from the state file at path. The operating system releases it with the process.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot lock the state file %s: %w", path, err)
	}
	if err := tryLock(f); err != nil {
		holder := "another process"
		if pid := readPID(f); pid > 0 {
			holder = fmt.Sprintf("another process (pid %d)", pid)
		}
		return nil, fmt.Errorf("the state file %s is in use by %s; stop it or use another state file (%w)",
			path, holder, closing(f, err))
	}
	// The number is only for the message above.
	text := strconv.Itoa(os.Getpid()) + "\n"
	if err := f.Truncate(0); err != nil {
		return nil, fmt.Errorf("cannot lock the state file %s: %w", path, closing(f, err))
	}
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		return nil, fmt.Errorf("cannot lock the state file %s: %w", path, closing(f, err))
	}
	return f, nil
}

func readPID(f *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
