package web_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rhea/engine/web"
)

func TestEncodings(t *testing.T) {
	t.Parallel()
	const words = "the quick brown fox"
	for name, tt := range map[string]struct {
		header string
		open   func(io.Writer) io.WriteCloser
		says   string
	}{
		"none":                {"", nil, ""},
		"gzip":                {"gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, ""},
		"gzip, in capitals":   {"GZIP", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, ""},
		"says gzip, is plain": {"gzip", nil, "gzip: invalid header"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Accept-Encoding"); got != "gzip" {
					t.Errorf("asked for the encodings %q", got)
				}
				var body bytes.Buffer
				to := io.WriteCloser(nopCloser{&body})
				if tt.open != nil {
					to = tt.open(&body)
				}
				_, _ = io.WriteString(to, words)
				_ = to.Close()
				if tt.header != "" {
					w.Header().Set("Content-Encoding", tt.header)
				}
				_, _ = w.Write(body.Bytes())
			}))
			defer server.Close()
			body, err := readAll(server.URL, 1<<20)
			if tt.says == "" && (err != nil || string(body) != words) {
				t.Errorf("read %q, %v", body, err)
			}
			if tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("the error is %v, want one that says %q", err, tt.says)
			}
		})
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func readAll(address string, most int64) ([]byte, error) {
	resp, err := web.Client(web.Options{AllowPrivate: true}).Get(address)
	if err != nil {
		return nil, err
	}
	return web.Read(resp, most)
}

// A small body that is large when it is unpacked is not unpacked beyond the bound.
func TestGzipBomb(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 32 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	_ = z.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}))
	defer server.Close()
	if body, err := readAll(server.URL, 1<<20); !errors.Is(err, web.ErrTooLarge) {
		t.Errorf("read %d bytes, %v", len(body), err)
	}
}

func TestEmptyBodiesHaveNoEncoding(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusNotModified} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
		}))
		if body, err := readAll(server.URL, 10); err != nil || len(body) > 0 {
			t.Errorf("%d: read %q, %v", status, body, err)
		}
		server.Close()
	}
}
