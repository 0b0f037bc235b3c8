package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// maxSocketPath is the longest path that every system takes for a socket: macOS has room for 104 bytes with the NUL.
const maxSocketPath = 103

// socket is a listener on a path, which goes away with it.
type socket struct {
	net.Listener
	address string
	// folder was made for the socket, "" when it lies beside the state.
	folder string
}

// listenBeside listens on a socket beside the state file at path, or in a folder of its own for temporary files when
// the path is too long or its file system knows no sockets. The caller holds the state's lock, so a socket that is
// there is left over from a bot that was killed.
func listenBeside(path string) (*socket, error) {
	beside, err := filepath.Abs(path + ".sock")
	if err != nil {
		return nil, err
	}
	refused := fmt.Errorf("the path %s is longer than the %d bytes that a socket may have", beside, maxSocketPath)
	if len(beside) <= maxSocketPath {
		l, err := listen(beside)
		if err == nil {
			return &socket{l, beside, ""}, nil
		}
		if errors.Is(err, ErrNotASocket) {
			return nil, err
		}
		refused = err
	}
	folder, err := os.MkdirTemp("", "rhea")
	if err != nil {
		return nil, errors.Join(refused, err)
	}
	address := filepath.Join(folder, "sock")
	l, err := listen(address)
	if err != nil {
		return nil, errors.Join(refused, err, os.Remove(folder))
	}
	return &socket{l, address, folder}, nil
}

// ErrNotASocket is the error of a path for the socket that something else occupies.
var ErrNotASocket = errors.New("is there and not a socket; move it away")

// listen replaces a socket that a killed bot has left.
func listen(address string) (net.Listener, error) {
	switch info, err := os.Lstat(address); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case !isSocket(info):
		return nil, fmt.Errorf("%s %w", address, ErrNotASocket)
	default:
		if err := os.Remove(address); err != nil {
			return nil, err
		}
	}
	return listenAlone(address)
}

// isSocket also accepts what Windows calls irregular: not every version knows sockets.
func isSocket(info fs.FileInfo) bool { return info.Mode()&(fs.ModeSocket|fs.ModeIrregular) != 0 }

// Close removes the socket; the listener may be closed already.
func (s *socket) Close() error {
	err := s.Listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	if s.folder != "" {
		err = errors.Join(err, os.Remove(s.folder))
	}
	return err
}

// refusedOnWindows is what Windows says (WSAECONNREFUSED); package syscall has another number under that name.
const refusedOnWindows = syscall.Errno(10061)

// unlessGone returns nil for an error that says that no bot listens, as after a kill.
func unlessGone(err error, address string) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, refusedOnWindows):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("this user may not talk to the running bot at %s; use the bot's own", address)
	}
	return fmt.Errorf("the running bot at %s does not answer: %w", address, err)
}
