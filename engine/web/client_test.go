package web_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rhea/engine/web"
)

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, o web.Options, address string) (string, error) {
	t.Helper()
	client := web.Client(o)
	t.Cleanup(client.CloseIdleConnections)
	resp, err := client.Get(address)
	if err != nil {
		return "", err
	}
	body, err := web.Read(resp, 1<<20)
	return string(body), err
}

func TestPrivateAddressesNeedPermission(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") })
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")

	for address, want := range map[string]string{
		server.URL:                                "refused: 127.0.0.1 is a loopback address; set allow_private: true to allow it",
		"http://localhost:" + port:                "refused: localhost resolves to the loopback address ",
		"http://[::ffff:127.0.0.1]:" + port:       "refused: ",
		"http://[64:ff9b::7f00:1]:" + port:        "loopback",
		"http://169.254.169.254/latest/meta-data": "link-local",
	} {
		_, err := get(t, web.Options{}, address)
		if !errors.Is(err, web.ErrRefused) || !strings.Contains(err.Error(), want) {
			t.Errorf("Get(%s): %v; want %q", address, err, want)
		}
	}
	if body, err := get(t, web.Options{AllowPrivate: true}, server.URL); err != nil || body != "inside" {
		t.Errorf("with permission: %q, %v", body, err)
	}
}

func TestOnlyWebAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"file:///etc/passwd", "ftp://x.example/", "gopher://x.example/"} {
		if _, err := get(t, web.Options{AllowPrivate: true}, address); !errors.Is(err, web.ErrRefused) {
			t.Errorf("Get(%s): %v", address, err)
		}
	}
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	if _, err := get(t, web.Options{AllowPrivate: true}, to.URL); !errors.Is(err, web.ErrRefused) {
		t.Errorf("redirect to a file: %v", err)
	}
}

func TestRedirectsAreCounted(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if rest := strings.TrimPrefix(r.URL.Path, "/"); rest != "" {
			http.Redirect(w, r, "/"+rest[1:], http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "arrived")
	})
	if body, err := get(t, web.Options{AllowPrivate: true}, server.URL+"/xxxxx"); err != nil || body != "arrived" {
		t.Errorf("five redirects: %q, %v", body, err)
	}
	_, err := get(t, web.Options{AllowPrivate: true}, server.URL+"/xxxxxx")
	if err == nil || !strings.Contains(err.Error(), "more than 5 redirects") {
		t.Errorf("six redirects: %v", err)
	}
	if _, err := get(t, web.Options{AllowPrivate: true, MaxRedirects: 1}, server.URL+"/xx"); err == nil {
		t.Error("two redirects where one is allowed")
	}
	if body, err := get(t, web.Options{AllowPrivate: true, MaxRedirects: -1}, server.URL+"/x"); err != nil || !strings.Contains(body, "Found") {
		t.Errorf("no redirects: %q, %v", body, err)
	}
}

func TestCredentialsStayWithTheirOrigin(t *testing.T) {
	t.Parallel()
	seen := make(chan http.Header, 4)
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header
		if r.URL.Path == "/again" {
			http.Redirect(w, r, "/end", http.StatusFound)
		}
	})
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/here" {
			seen <- r.Header
			return
		}
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	ask := func(to string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, first.URL+"/?secret=1&to="+url.QueryEscape(to), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", "token")
		r.Header.Set("Accept", "text/html")
		client := web.Client(web.Options{AllowPrivate: true})
		t.Cleanup(client.CloseIdleConnections)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}

	ask("/here")
	if h := <-seen; h.Get("X-Api-Key") != "token" {
		t.Errorf("the key is lost within its origin: %v", h)
	}
	ask(other.URL + "/again")
	for range 2 {
		h := <-seen
		if h.Get("X-Api-Key") != "" || h.Get("Referer") != "" && strings.Contains(h.Get("Referer"), "secret") {
			t.Errorf("the key goes to another origin: %v", h)
		}
		if h.Get("Accept") != "text/html" {
			t.Errorf("a harmless header is lost: %v", h)
		}
	}
}

func TestCredentialsNeverGoFromHTTPSToHTTP(t *testing.T) {
	t.Parallel()
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	t.Cleanup(secure.Close)
	client := web.Client(web.Options{AllowPrivate: true})
	t.Cleanup(client.CloseIdleConnections)
	trusting := *secure.Client()
	trusting.CheckRedirect = client.CheckRedirect

	for _, header := range []string{"Authorization", "Cookie", "X-Token", ""} {
		r, err := http.NewRequest(http.MethodGet, secure.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			r.Header.Set(header, "secret")
		}
		resp, err := trusting.Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		if header != "" && !errors.Is(err, web.ErrRefused) {
			t.Errorf("%s: %v", header, err)
		}
		if header == "" && err != nil {
			t.Errorf("without credentials: %v", err)
		}
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.UserAgent()) })
	agent := web.UserAgent("1.2.3", "")
	if body, err := get(t, web.Options{AllowPrivate: true, UserAgent: agent}, server.URL); err != nil || body != agent {
		t.Errorf("User-Agent %q, %v; want %q", body, err, agent)
	}
	if !strings.HasPrefix(agent, "rhea/1.2.3") {
		t.Errorf("UserAgent = %q", agent)
	}
}

func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 4<<20))
	_ = z.Close()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/cut":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
		case "/exact":
			_, _ = w.Write(make([]byte, 1<<20))
		case "/header":
			for i := range 100 {
				w.Header().Add("X", strings.Repeat("x", 1000+i))
			}
		}
	})
	tests := map[string]func(string, error) bool{
		"/bomb":   func(_ string, err error) bool { return errors.Is(err, web.ErrTooLarge) },
		"/cut":    func(_ string, err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) },
		"/exact":  func(body string, err error) bool { return err == nil && len(body) == 1<<20 },
		"/header": func(_ string, err error) bool { return err != nil && strings.Contains(err.Error(), "header") },
	}
	for path, ok := range tests {
		if body, err := get(t, web.Options{AllowPrivate: true}, server.URL+path); !ok(body, err) {
			t.Errorf("%s: %d bytes, %v", path, len(body), err)
		}
	}
}

func TestTimeoutCoversTheBody(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "beginning")
		w.(http.Flusher).Flush()
		<-release
	})
	t.Cleanup(func() { close(release) })
	_, err := get(t, web.Options{AllowPrivate: true, Timeout: 50_000_000}, server.URL)
	if err == nil || !strings.Contains(err.Error(), "deadline") && !strings.Contains(err.Error(), "Timeout") {
		t.Errorf("a body that never ends: %v", err)
	}
}

func TestProxyOfTheEnvironment(t *testing.T) {
	seen := make(chan string, 4)
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.URL.String()
		_, _ = io.WriteString(w, "through the proxy")
	})
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("NO_PROXY", "")

	body, err := get(t, web.Options{}, "http://blog.invalid/feed")
	if err != nil || body != "through the proxy" {
		t.Fatalf("a name that only the proxy knows: %q, %v", body, err)
	}
	if got := <-seen; got != "http://blog.invalid/feed" {
		t.Errorf("the proxy was asked for %s", got)
	}
	if _, err := get(t, web.Options{}, "http://10.0.0.5/"); !errors.Is(err, web.ErrRefused) {
		t.Errorf("a private address behind the proxy: %v", err)
	}
	if body, err := get(t, web.Options{AllowPrivate: true}, "http://10.0.0.5/"); err != nil || body != "through the proxy" {
		t.Errorf("a private address behind the proxy, allowed: %q, %v", body, err)
	}
}
