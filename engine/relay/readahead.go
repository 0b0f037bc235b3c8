package relay

import (
	"bufio"
	"context"
	"net"
)

// readAhead is how much is read from a socket at a time. The websocket's own buffer holds a few frames only.
const readAhead = 32 << 10

// readAheadConn reads from its socket in larger pieces than it is asked for.
type readAheadConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *readAheadConn) Read(b []byte) (int, error) { return c.r.Read(b) }

type dialContext = func(ctx context.Context, network, address string) (net.Conn, error)

// withReadAhead makes the connections of a dialer read ahead.
func withReadAhead(dial dialContext) dialContext {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &readAheadConn{c, bufio.NewReaderSize(c, readAhead)}, nil
	}
}
