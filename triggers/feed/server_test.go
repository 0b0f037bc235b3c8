package feed_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/web"
	"rhea/triggers/feed"
)

// asked is when and where a site was asked, with what is behind the host.
func askedAt(t *testing.T, s *site, answer http.HandlerFunc, config feed.Config, d time.Duration) []string {
	t.Helper()
	var asked []string
	begin := time.Now()
	s.set(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, time.Since(begin).String()+" "+r.URL.Path)
		answer(w, r)
	})
	enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), new(enginetest.Intake), d)
	return asked
}

func TestLeavesAnOverloadedServerAlone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		after  func() string
		want   string
	}{
		"seconds, 429": {429, func() string { return "7200" }, "2h0m0s"},
		"date, 429":    {429, func() string { return time.Now().Add(3 * time.Hour).UTC().Format(http.TimeFormat) }, "3h0m0s"},
		"seconds, 503": {503, func() string { return "7200" }, "2h0m0s"},
		"date, 503":    {503, func() string { return time.Now().Add(3 * time.Hour).UTC().Format(http.TimeFormat) }, "3h0m0s"},
		"for ever":     {503, func() string { return "99999999999" }, "24h0m0s"},
		"nonsense":     {503, func() string { return "soon" }, "1m0s"},
		"a day":        {503, func() string { return "999999999" }, "24h0m0s"},
		"500":          {500, func() string { return "7200" }, "1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := askedAt(t, new(site), func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", tt.after())
					w.WriteHeader(tt.status)
				}, configured(nil), 25*time.Hour)
				if got := strings.Fields(asked[1])[0]; got != tt.want {
					t.Errorf("asked again after %s, want %s", got, tt.want)
				}
			})
		})
	}
}

// A restart does not make a server forget that it wants to be left alone.
func TestLeavesAServerAloneAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.set(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		for range 5 {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Minute)
		}
		once := s.setup(t)
		once.Once = true
		err := enginetest.Build(t, feed.Kind(), configured(nil), once).Run(t.Context(), in)
		if n := len(s.asked()); n != 1 || err == nil || !strings.Contains(err.Error(), "left alone until") {
			t.Errorf("asked %d times, a pass says %v", n, err)
		}
	})
}

func TestThatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
		for range 3 {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, 24*time.Hour)
		}
		if n := len(s.asked()); n != 1 {
			t.Errorf("asked %d times in three days, want once", n)
		}
		if r := in.Reports(); len(r) != 1 || !strings.Contains(r[0], "held test: the feed https://site.example/feed.xml is gone") {
			t.Errorf("the history says %q", r)
		}
		s.set(nil)
		s.add("1")
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, 7*24*time.Hour)
		expect(t, "when it is back after all", guids(in.Backlog()), "1")
	})
}

// TestIsWoken has an operator resume the rule of a feed that rests: because it is gone, or because its server failed.
func TestIsWoken(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusGone, http.StatusInternalServerError} {
		for name, running := range map[string]bool{"while the bot runs": true, "before it starts": false} {
			t.Run(fmt.Sprint(code, " ", name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, in := new(site), new(enginetest.Intake)
					s.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
					enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, 3*24*time.Hour)
					s.set(nil)
					s.add("1")
					before := len(s.asked())
					word := engine.Position{Stream: engine.WakeStream("test"), Value: "now"}
					if !running {
						if err := in.Advance(t.Context(), word); err != nil {
							t.Fatal(err)
						}
					}
					ctx, cancel := context.WithCancel(t.Context())
					ended := make(chan error)
					go func() { ended <- enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)).Run(ctx, in) }()
					synctest.Wait()
					if running {
						if err := in.Advance(ctx, word); err != nil {
							t.Error(err)
						}
					}
					<-time.After(15 * time.Second)
					if n := len(s.asked()) - before; n != 1 {
						t.Errorf("asked %d times within seconds, want once", n)
					}
					cancel()
					if err := <-ended; err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

func TestNeverGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := askedAt(t, new(site), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
			configured(nil), 30*24*time.Hour)
		if n := len(asked); n < 35 || n > 42 {
			t.Errorf("asked %d times in 30 days, want once a day in the end", n)
		}
	})
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		direct bool
	}{
		{"moved permanently", 301, true}, {"permanent redirect", 308, true},
		{"found", 302, false}, {"temporary redirect", 307, false}, {"see other", 303, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				config := configured(func(c *feed.Config) { c.Interval, c.FirstRun = feed.Every(time.Hour), "all" })
				items := []string{"1"}
				gone := false
				s.set(func(w http.ResponseWriter, r *http.Request) {
					switch {
					case r.URL.Path == "/feed.xml" && !gone:
						http.Redirect(w, r, "/new.xml", tt.status)
					case r.URL.Path == "/new.xml" && gone:
						w.WriteHeader(http.StatusNotFound)
					default:
						fmt.Fprint(w, rss(items...))
					}
				})
				count := func(path string) (n int) {
					for _, r := range s.asked() {
						if r.URL.Path == path {
							n++
						}
					}
					return n
				}
				// Restarted often, as the memory must outlive the process.
				for range 30 {
					enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				}
				before := count("/feed.xml")
				items = []string{"2", "1"}
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, 3*time.Hour)
				if asked := count("/feed.xml") - before; tt.direct != (asked == 0) {
					t.Errorf("the old address was asked %d times, want a direct way: %v", asked, tt.direct)
				}
				gone, items = true, []string{"3", "2", "1"} // It moves back.
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, 3*time.Hour)
				expect(t, "signals", guids(in.Signals()), "1 2 3")
				if url := in.Signals()[2].Data.(*feed.Data).Feed.URL; url != "https://site.example/feed.xml" {
					t.Errorf("the feed is called %s", url)
				}
			})
		})
	}
}

// slow is a server whose body comes a byte at a time and never ends.
type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), ContentLength: -1, Request: r, Body: &drip{r.Context()}}, nil
}

type drip struct{ ctx context.Context }

func (d *drip) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	}
}
func (*drip) Close() error { return nil }

func TestBodyThatNeverEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := enginetest.Setup(t, nil)
		set.Once, set.HTTP = true, func(bool) *http.Client { return &http.Client{Transport: slow{}} }
		begin := time.Now()
		err := enginetest.Build(t, feed.Kind(), configured(nil), set).Run(t.Context(), new(enginetest.Intake))
		if took := time.Since(begin); took > time.Minute || err == nil || !strings.Contains(err.Error(), "deadline") {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

// TestServers reads what a real client gets from servers that are broken or hostile, in a single pass.
func TestServers(t *testing.T) {
	t.Parallel()
	bomb := func() []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		for range 24 {
			_, _ = z.Write(make([]byte, 1<<20))
		}
		_ = z.Close()
		return b.Bytes()
	}()
	for name, tt := range map[string]struct {
		private bool
		serve   http.HandlerFunc
		says    string
	}{
		"a feed":            {true, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss("1")) }, ""},
		"a private address": {false, func(http.ResponseWriter, *http.Request) {}, "allow_private"},
		"a redirect loop": {true, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		}, "more than 5 redirects"},
		"a redirect out of the web": {true, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, "file"},
		"a reset in the middle": {true, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, rss("1"))
		}, "unexpected EOF"},
		"a gzip bomb": {true, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		}, "too large"},
		"a gzip bomb that is a file": {true, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bomb) }, "too large"},
		"a flood": {true, func(w http.ResponseWriter, _ *http.Request) {
			for range 12 {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
					return
				}
			}
		}, "too large"},
		"nothing": {true, func(http.ResponseWriter, *http.Request) {}, "not a feed"},
		"a page with feed": {true, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/rss">`)
		}, "/rss: write that as url"},
		"an error": {true, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "500 Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.serve)
			defer server.Close()
			client := web.Client(web.Options{AllowPrivate: tt.private})
			defer client.CloseIdleConnections()
			set, in := enginetest.Setup(t, nil), new(enginetest.Intake)
			set.Once, set.HTTP = true, func(bool) *http.Client { return client }
			config := configured(func(c *feed.Config) { c.URL, c.FirstRun = server.URL+"/feed?token=secret", "all" })
			err := enginetest.Build(t, feed.Kind(), config, set).Run(t.Context(), in)
			switch {
			case tt.says == "" && (err != nil || len(in.Signals()) != 1):
				t.Errorf("%d signals, %v", len(in.Signals()), err)
			case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || len(in.Signals())+len(in.Backlog()) > 0):
				t.Errorf("%d signals, %v, want an error that says %q", len(in.Signals()), err, tt.says)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

// A single pass goes on to the other feeds and then tells which could not be read.
func TestOnceTellsWhatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.set(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/bad" {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			fmt.Fprint(w, rss(strings.Trim(r.URL.Path, "/")))
		})
		set := s.setup(t)
		set.Once = true
		config := configured(func(c *feed.Config) {
			c.URL, c.URLs = "", []string{"https://site.example/1", "https://site.example/bad", "https://site.example/2"}
			c.FirstRun = "all"
		})
		err := enginetest.Build(t, feed.Kind(), config, set).Run(t.Context(), in)
		if err == nil || err.Error() != "https://site.example/bad: the server answers 500 Internal Server Error" {
			t.Errorf("the pass says %v", err)
		}
		if got := len(in.Signals()); got != 2 {
			t.Errorf("%d of the other two feeds were read", got)
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	const list = `<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>My feeds</title></head><body>
<outline text="News"><outline type="rss" text="A &nbsp; &amp; B" xmlUrl="https://site.example/a"/>
<outline xmlUrl="https://site.example/b" text="B"/></outline>
<outline text="twice" xmlUrl="http://www.site.example/a/"/><outline text="bad" xmlUrl="javascript:alert(1)"/><outline text="a note"/></body></opml>`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "feeds.opml"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ opml, want, says string }{
		"a file":      {"feeds.opml", "/a /b", ""},
		"an address":  {"https://site.example/list.opml", "/list.opml /a /b", ""},
		"no file":     {"no.opml", "", "no.opml"},
		"not a list":  {"https://site.example/feed.xml", "/feed.xml", "not OPML: it begins with <rss>"},
		"no outlines": {"https://site.example/empty.opml", "/empty.opml", "holds no feed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				s.set(func(w http.ResponseWriter, r *http.Request) {
					switch r.URL.Path {
					case "/list.opml":
						fmt.Fprint(w, list)
					case "/empty.opml":
						fmt.Fprint(w, `<opml><body/></opml>`)
					default:
						fmt.Fprint(w, rss(r.URL.Path))
					}
				})
				set := s.setup(t)
				set.Once, set.Dir = true, dir
				config := configured(func(c *feed.Config) { c.URL, c.OPML, c.FirstRun = "", tt.opml, "all" })
				err := enginetest.Build(t, feed.Kind(), config, set).Run(t.Context(), in)
				if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
					t.Errorf("the error is %v, want %q", err, tt.says)
				}
				var asked []string
				for _, r := range s.asked() {
					asked = append(asked, r.URL.Path)
				}
				slices.SortFunc(asked[min(len(asked), 1):], strings.Compare)
				if strings.Contains(tt.opml, "feeds.opml") {
					slices.Sort(asked)
				}
				expect(t, "asked", strings.Join(asked, " "), tt.want)
			})
		})
	}
}
