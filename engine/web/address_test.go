package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"1.1.1.1": "", "9.255.255.255": "", "11.0.0.0": "", "100.63.255.255": "", "100.128.0.0": "", "172.15.0.1": "", "172.32.0.0": "", "223.255.255.255": "",
		"2606:4700::1": "", "2a00:1450::1": "", "2001:4860::8888": "", "64:ff9b::101:101": "", "::ffff:1.1.1.1": "",
		"0.0.0.0": "local", "0.1.2.3": "local", "10.0.0.5": "private", "100.64.0.1": "carrier-private", "100.127.255.255": "carrier-private",
		"127.0.0.1": "loopback", "127.255.0.1": "loopback", "169.254.169.254": "link-local", "172.16.0.1": "private", "172.31.255.255": "private",
		"192.0.0.1": "reserved", "192.0.2.1": "documentation", "192.168.1.1": "private", "198.18.0.1": "benchmarking", "198.51.100.7": "documentation",
		"203.0.113.9": "documentation", "224.0.0.251": "multicast", "239.1.1.1": "multicast", "240.0.0.1": "reserved", "255.255.255.255": "reserved",
		"::": "reserved", "::1": "loopback", "::ffff:10.0.0.1": "private", "::ffff:127.0.0.1": "loopback", "::127.0.0.1": "reserved",
		"64:ff9b::a00:1": "private", "64:ff9b::7f00:1": "loopback", "64:ff9b:1::1": "reserved", "100::1": "reserved", "2001::1": "reserved",
		"2001:db8::1": "documentation", "3fff::1": "documentation", "2002:a00:1::1": "6to4", "fc00::1": "private", "fd12::1": "private",
		"fe80::1": "link-local", "fe80::1%eth0": "link-local", "fec0::1": "reserved", "ff02::1": "multicast",
	} {
		if got := why(netip.MustParseAddr(address)); got != want {
			t.Errorf("why(%s) = %q, want %q", address, got, want)
		}
	}
}

// The guard looks at every hop: here 127.0.0.1 stands for the public internet and 127.0.0.2 for a private network.
func TestRedirectIntoAPrivateNetwork(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://127.0.0.2:1/", http.StatusFound))
	t.Cleanup(server.Close)
	client := newClient(Options{}, func(a netip.Addr) string {
		if a == netip.MustParseAddr("127.0.0.1") {
			return ""
		}
		return "private"
	})
	t.Cleanup(client.CloseIdleConnections)
	resp, err := client.Get(server.URL)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "127.0.0.2 is a private address") {
		t.Errorf("a redirect into a private network: %v", err)
	}
}

// What may be private is the host that is asked for, not whatever it names.
func TestRedirectToAnotherPrivateHost(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	client := Client(Options{AllowPrivate: true})
	t.Cleanup(client.CloseIdleConnections)
	for to, refused := range map[string]bool{
		"/elsewhere": false, server.URL + "/elsewhere": false, "http://127.0.0.2:1/": true,
		"http://169.254.169.254/latest/meta-data": true, "/?to=http://localhost:1/": true,
	} {
		resp, err := client.Get(server.URL + "/?to=" + url.QueryEscape(to))
		if err == nil {
			_ = resp.Body.Close()
		}
		if errors.Is(err, ErrRefused) != refused || refused && !strings.Contains(err.Error(), "another host in a private network") {
			t.Errorf("a redirect to %s: %v", to, err)
		}
	}
}

func FuzzWhy(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte("\x00\x64\xff\x9b\x00\x00\x00\x00\x00\x00\x00\x00\x0a\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		addr, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		private := addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified()
		if private && why(addr) == "" {
			t.Errorf("%s is let through", addr)
		}
		if addr.Is4() && why(addr) != why(netip.AddrFrom16(addr.As16())) {
			t.Errorf("%s is judged otherwise when written as IPv6", addr)
		}
	})
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"localhost": "loopback", "LOCALHOST": "loopback", "feeds.localhost": "loopback", "localhost.": "loopback", "127.0.0.1": "loopback",
		"::1": "loopback", "[::1]": "loopback", "10.1.2.3": "private", "192.168.1.1": "private", "169.254.169.254": "link-local",
		"nas": "private", "printer.local": "private", "git.lan": "private", "db.internal": "private", "pi.home.arpa": "private",
		"": "", "blog.example": "", "localhost.example": "", "1.1.1.1": "", "2606:4700::1": "", "local.example": "", "a.b": "",
	} {
		if got := Private(host); got != want {
			t.Errorf("Private(%q) = %q, want %q", host, got, want)
		}
	}
}
