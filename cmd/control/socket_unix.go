//go:build !windows

package control

import (
	"net"
	"syscall"
)

// listenAlone makes a socket that only this user may open, from its first moment. What else the process creates in
// that moment gets fewer permissions, so this happens before the bot runs.
func listenAlone(address string) (net.Listener, error) {
	before := syscall.Umask(0o177)
	defer syscall.Umask(before)
	return net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
}
