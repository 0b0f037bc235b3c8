//go:build unix

package control

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestSocketIsPrivate makes the socket while the process gives everybody everything: nothing narrows it afterwards,
// so it was never open. It does not run beside other tests, which create files.
func TestSocketIsPrivate(t *testing.T) {
	before := syscall.Umask(0)
	defer syscall.Umask(before)
	s, err := listenBeside(filepath.Join(t.TempDir(), "rhea.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info, err := os.Lstat(s.address)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v (%v), want 0600", info.Mode(), err)
	}
	if now := syscall.Umask(0); now != 0 {
		t.Errorf("the umask is left at %o", now)
	}
}

// TestSilentConnections connects more often than the channel has places and says nothing: each is sent away, and who
// asks is answered.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	s, err := listenBeside(filepath.Join(t.TempDir(), "rhea.db"))
	if err != nil {
		t.Fatal(err)
	}
	var most, open atomic.Int64
	c := &server{http: newServer(http.NotFoundHandler(), 20*time.Millisecond), socket: s, done: make(chan error, 1)}
	c.http.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			most.Store(max(most.Load(), open.Add(1)))
		case http.StateClosed:
			open.Add(-1)
		}
	}
	go c.serve()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.address)
	}
	for range maxConnections + 20 {
		conn, err := dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: 10 * time.Second}
	answer, err := client.Get("http://bot/status")
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	client.CloseIdleConnections()
	if n := most.Load(); n > maxConnections {
		t.Errorf("%d connections were open at once", n)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
