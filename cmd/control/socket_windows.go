package control

import "net"

// listenAlone makes a socket, which has the permissions of its folder.
func listenAlone(address string) (net.Listener, error) {
	return net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
}
