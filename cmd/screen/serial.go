package screen

import (
	"io"
	"sync"
)

// Serial lets one text at a time through to Out: the log, the start and what is published are told by several goroutines.
type Serial struct {
	Out io.Writer
	mu  sync.Mutex
}

// Write implements [io.Writer].
func (s *Serial) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Out.Write(p)
}
