package relay

import (
	"bufio"
	"context"
	"net"
)

// readAhead is how much is read from a socket at a time. The websocket's own buffer holds a few frames only.
const readAhead = 32 << 10

// aheadConn reads from its socket in larger pieces than it is asked for.
type aheadConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *aheadConn) Read(b []byte) (int, error) { return c.r.Read(b) }

type dialContext = func(ctx context.Context, network, address string) (net.Conn, error)

// ahead makes the connections of a dialer read ahead.
func ahead(dial dialContext) dialContext {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &aheadConn{c, bufio.NewReaderSize(c, readAhead)}, nil
	}
}
