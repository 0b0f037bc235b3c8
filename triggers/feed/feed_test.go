package feed_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/feed"
)

func TestKeepsTheContract(t *testing.T) {
	t.Parallel()
	enginetest.Trigger(t, func(t *testing.T) enginetest.TriggerWorld {
		s := new(site)
		s.add("old")
		return enginetest.TriggerWorld{
			Build:  func() engine.Trigger { return enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)) },
			Happen: func() { s.add(fmt.Sprint("new-", time.Now().UnixNano())) },
		}
	})
}

func TestFirstRun(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ first, signals, backlog, later string }{
		{"skip", "", "1 2 3", "4 5"},
		{"latest", "3", "1 2", "3 4 5"},
		{"all", "1 2 3", "", "1 2 3 4 5"},
	} {
		t.Run(tt.first, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				s.add("1", "2", "3")
				config := configured(func(c *feed.Config) { c.FirstRun = tt.first })
				run := func() {
					enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Minute)
				}
				run()
				expect(t, "first run", guids(in.Signals()), tt.signals)
				expect(t, "backlog", guids(in.Backlog()), tt.backlog)
				s.add("4", "5")
				run()
				expect(t, "second run", guids(in.Signals()), tt.later)
				run()
				expect(t, "restarted", guids(in.Signals()), tt.later)
			})
		})
	}
}

// A first run that is interrupted must not take the rest for news.
func TestInterruptedFirstRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("1", "2", "3", "4")
		in.Refuse = func(s engine.Signal) error {
			if len(in.Backlog()) == 2 {
				return fmt.Errorf("crash before %s", s.Key)
			}
			return nil
		}
		run := func() {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Minute)
		}
		run()
		in.Refuse = nil
		run()
		expect(t, "signals", guids(in.Signals()), "")
		expect(t, "backlog", guids(in.Backlog()), "1 2 3 4")
		s.add("5")
		run()
		expect(t, "then", guids(in.Signals()), "5")
	})
}

func TestBrokenFirstAnswerIsNoFirstRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.set(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss()) })
		time.AfterFunc(15*time.Minute, func() {
			s.set(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusInternalServerError) })
		})
		time.AfterFunc(25*time.Minute, func() { s.set(nil); s.add("1", "2") })
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Hour)
		expect(t, "signals", guids(in.Signals()), "")
		expect(t, "backlog", guids(in.Backlog()), "1 2")
	})
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("1")
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, 15*time.Minute)
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Minute)
		asked := s.asked()
		if len(asked) != 3 {
			t.Fatalf("asked %d times, want 3", len(asked))
		}
		expect(t, "first", asked[0].Header.Get("If-None-Match"), "")
		for _, r := range asked[1:] {
			expect(t, "ETag", r.Header.Get("If-None-Match"), `W/"1"`)
			expect(t, "Last-Modified", r.Header.Get("If-Modified-Since"), "Sat, 01 Jan 2000 00:00:00 GMT")
		}
	})
}

func TestMaxItems(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("0")
		config := configured(func(c *feed.Config) { c.MaxItems = 2 })
		time.AfterFunc(time.Minute, func() { s.add("1", "2", "3", "4", "5") })
		check := func(at time.Duration, want string) {
			time.AfterFunc(at, func() { expect(t, at.String(), guids(in.Signals()), want) })
		}
		check(11*time.Minute, "1 2")
		check(21*time.Minute, "1 2 3 4")
		check(31*time.Minute, "1 2 3 4 5")
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
	})
}

// blind is the intake of a rule with a dedupe key of its own: it cannot tell beforehand what is known.
type blind struct{ *enginetest.Intake }

func (blind) Seen(ctx context.Context, _ string) (bool, error) { return false, ctx.Err() }

func TestReachesEverythingWithoutSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("0")
		config := configured(func(c *feed.Config) { c.MaxItems = 2 })
		time.AfterFunc(time.Minute, func() { s.add("1", "2", "3", "4", "5") })
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), blind{in}, time.Hour)
		expect(t, "signals", guids(in.Signals()), "1 2 3 4 5")
	})
}

// A restart does not make news of what was there before, though nobody can say that it is known: only what the feed's
// position remembers can.
func TestRemembersWithoutSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		run := func() {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), blind{in}, time.Minute)
		}
		for i := range 30 {
			s.add(fmt.Sprint("old ", i))
		}
		run()
		s.add("new")
		run()
		expect(t, "signals", guids(in.Signals()), "new")
		expect(t, "history", strings.Join(in.Reports(), "; "), "")
	})
}

func TestSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("0")
		var at []time.Duration
		begin := time.Now()
		in.Refuse = func(s engine.Signal) error {
			if !s.Backlog {
				at = append(at, time.Since(begin))
			}
			return nil
		}
		config := configured(func(c *feed.Config) { c.Spread = engine.Duration(6 * time.Minute) })
		time.AfterFunc(time.Minute, func() { s.add("1", "2", "3") })
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
		if want := []time.Duration{10 * time.Minute, 12 * time.Minute, 14 * time.Minute}; !slices.Equal(at, want) {
			t.Errorf("handed in at %v, want %v", at, want)
		}
	})
}

func TestOnUpdate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ mode, want string }{
		{"ignore", "3"},
		{"run", "1*uno 3 3*tres"},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				config := configured(nil)
				show := func(after time.Duration, items ...string) {
					time.AfterFunc(after, func() {
						s.set(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss(items...)) })
					})
				}
				s.set(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss("2=two", "1=one")) })
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Minute)
				// The mode is switched on later: what is there already is no change.
				config.OnUpdate = tt.mode
				show(5*time.Minute, "2=two", "1=uno")
				show(15*time.Minute, "3=three", "2=two", "1=uno")
				show(25*time.Minute, "3=tres", "2=two", "1=uno")
				show(35*time.Minute, "3=tres", "2=two", "1=one")
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				expect(t, "signals", guids(in.Signals()), tt.want)
			})
		})
	}
}

func TestBacksOff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   []time.Duration
	}{
		{"an error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
			[]time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute}},
		{"too many", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusTooManyRequests)
		}, []time.Duration{0, 10 * time.Minute, 20 * time.Minute}},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html><html>") },
			[]time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute}},
		{"gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, []time.Duration{0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, begin := new(site), time.Now()
				var at []time.Duration
				s.set(func(w http.ResponseWriter, r *http.Request) {
					at = append(at, time.Since(begin))
					tt.answer(w, r)
				})
				var log strings.Builder
				set := s.setup(t)
				set.Log = slog.New(slog.NewTextHandler(&log, nil))
				config := configured(func(c *feed.Config) { c.URL = "https://user:secret@site.example/feed?token=secret" })
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, set), new(enginetest.Intake), 25*time.Minute)
				if !slices.Equal(at, tt.want) {
					t.Errorf("asked at %v, want %v", at, tt.want)
				}
				if n := strings.Count(log.String(), "\n"); n != 1 || strings.Contains(log.String(), "secret") {
					t.Errorf("the log has %d lines:\n%s", n, &log)
				}
			})
		})
	}
}

func TestFeedsDoNotHoldEachOtherUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.set(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/bad") {
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, rss(strings.Trim(r.URL.Path, "/")))
		})
		set := s.setup(t)
		set.HTTP = func(bool) *http.Client { return &http.Client{Transport: survivor{s}} }
		config := configured(func(c *feed.Config) {
			c.URL, c.FirstRun = "", "all"
			for i := range 6 {
				c.URLs = append(c.URLs, fmt.Sprintf("https://site.example/bad%d", i), fmt.Sprintf("https://site.example/good%d", i))
			}
		})
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, set), in, time.Hour)
		if got := len(in.Signals()); got != 6 {
			t.Errorf("%d of 6 good feeds were read", got)
		}
	})
}

// survivor turns the panic of a handler into a broken connection, as a server does.
type survivor struct{ http.RoundTripper }

func (s survivor) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("connection reset")
		}
	}()
	return s.RoundTripper.RoundTrip(r)
}

func TestMoves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, url, want string }{
		{"to https and back", "http://www.site.example/feed.xml/", "3"},
		{"elsewhere, with its items", "https://new.example/feed.xml", "3"},
		{"another feed", "https://new.example/other.xml", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				s.add("1", "2")
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Minute)
				s.add("3")
				if strings.Contains(tt.url, "other") {
					s.set(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss("a", "b", "c")) })
				}
				config := configured(func(c *feed.Config) { c.URL = tt.url })
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Minute)
				expect(t, "signals", guids(in.Signals()), tt.want)
			})
		})
	}
}

// The first run of another feed at the same place must not, cut short, look like the old feed at a new address.
func TestInterruptedMove(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("1")
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Minute)
		s.set(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss("e", "d", "c", "b", "a")) })
		config := configured(func(c *feed.Config) { c.URL = "https://other.example/feed.xml" })
		in.Refuse = func(s engine.Signal) error {
			if len(in.Backlog()) == 5 {
				return fmt.Errorf("crash before %s", s.Key)
			}
			return nil
		}
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Minute)
		in.Refuse = nil
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Minute)
		expect(t, "signals", guids(in.Signals()), "")
		expect(t, "backlog", guids(in.Backlog()), "1 a b c d e")
	})
}

// The guid of an item is first its own and then shared: that makes no news of the old item.
func TestGuidBecomesShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		item := func(name string) string {
			return "<item><guid isPermaLink='false'>0</guid><title>" + name + "</title><link>https://site.example/" + name + "</link></item>"
		}
		show := func(after time.Duration, items ...string) {
			time.AfterFunc(after, func() {
				s.set(func(w http.ResponseWriter, _ *http.Request) {
					fmt.Fprint(w, "<rss version='2.0'><channel><title>x</title>", strings.Join(items, ""), "</channel></rss>")
				})
			})
		}
		show(0, item("a"))
		show(15*time.Minute, item("b"), item("a"))
		show(25*time.Minute, item("c"), item("b"), item("a"))
		show(35*time.Minute, item("c"))
		<-time.After(time.Second)
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Hour)
		var titles []string
		for _, signal := range in.Signals() {
			titles = append(titles, signal.Data.(*feed.Data).Item.Title)
		}
		expect(t, "signals", strings.Join(titles, " "), "b c")
	})
}

func TestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		set := s.setup(t)
		set.Once = true
		pass := func(want string) {
			t.Helper()
			if err := enginetest.Build(t, feed.Kind(), configured(nil), set).Run(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			expect(t, "signals", guids(in.Signals()), want)
		}
		s.add("1")
		pass("")
		s.add("2")
		pass("2")
		pass("2")
	})
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		config      any
		paths, says string
	}{
		{"no address", configured(func(c *feed.Config) { c.URL = "" }), "url", "missing"},
		{"both", configured(func(c *feed.Config) { c.URLs = []string{"https://x.example"} }), "urls", "beside url"},
		{"empty list", configured(func(c *feed.Config) { c.URL, c.URLs = "", []string{} }), "urls", "would match nothing"},
		{"not the web", configured(func(c *feed.Config) { c.URL = "ftp://x.example/feed" }), "url", "web address"},
		{"no host", configured(func(c *feed.Config) { c.URL, c.URLs = "", []string{"https://x.example", "feed.xml"} }), "urls.1", "web address"},
		{"twice", configured(func(c *feed.Config) {
			c.URL, c.URLs = "", []string{"https://x.example/a", "http://x.example/a/"}
		}), "urls.1", "twice"},
		{"impolite", configured(func(c *feed.Config) { c.Interval = feed.Every(time.Second) }), "interval", "shortest is 1m"},
		{"first run", configured(func(c *feed.Config) { c.FirstRun = "some" }), "first_run", "latest"},
		{"update", configured(func(c *feed.Config) { c.OnUpdate = "publish" }), "on_update", "ignore"},
		{"none", configured(func(c *feed.Config) { c.MaxItems = 0 }), "max_items", "1 or more"},
		{"spread", configured(func(c *feed.Config) { c.Spread = engine.Duration(time.Hour) }), "spread", "longer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			enginetest.Refuses(t, feed.Kind(), tt.config, tt.paths, tt.says)
		})
	}
}
