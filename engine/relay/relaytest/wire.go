package relaytest

import (
	"net"
	"sync"
	"time"
)

// wire is the connection below the websocket. It can be slow or end with RST.
type wire struct {
	net.Conn
	done chan struct{}
	once sync.Once

	mu          sync.Mutex
	read, write pace
}

// pace limits how many bytes pass at a time; the zero value has no limit.
type pace struct {
	bytes int
	every time.Duration
}

// wires wraps every connection of a listener in a wire.
type wires struct{ net.Listener }

func (l wires) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wire{Conn: c, done: make(chan struct{})}, nil
}

func (w *wire) Read(b []byte) (int, error) {
	w.mu.Lock()
	p := w.read
	w.mu.Unlock()
	if p.bytes > 0 {
		w.wait(p.every)
		b = b[:min(len(b), p.bytes)]
	}
	return w.Conn.Read(b)
}

func (w *wire) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		w.mu.Lock()
		p := w.write
		w.mu.Unlock()
		part := b[n:]
		if p.bytes > 0 {
			w.wait(p.every)
			part = part[:min(len(part), p.bytes)]
		}
		var m int
		m, err = w.Conn.Write(part)
		n += m
	}
	return n, err
}

func (w *wire) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.done:
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.done) })
	return w.Conn.Close()
}

// reset ends a TCP connection with RST in place of FIN.
func (w *wire) reset() {
	if tcp, ok := w.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // On failure it ends with FIN.
	}
	_ = w.Close() // The connection ends in any case.
}
