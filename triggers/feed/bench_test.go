package feed_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/feed"
)

// crowd is many sites, each with a feed of a hundred kilobytes.
type crowd struct {
	latency time.Duration
	body    string

	mu    sync.Mutex
	asked map[string][]time.Time
}

func newCrowd(latency time.Duration) *crowd {
	var items []string
	for i := range 800 {
		items = append(items, fmt.Sprintf("%d=%s", i, strings.Repeat("A title of some words. ", 3)))
	}
	return &crowd{latency: latency, body: rss(items...), asked: make(map[string][]time.Time)}
}

func (c *crowd) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.asked[r.URL.Host] = append(c.asked[r.URL.Host], time.Now())
	c.mu.Unlock()
	if c.latency > 0 {
		<-time.After(c.latency)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: make(http.Header), Request: r, ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(c.body)),
	}, nil
}

func (c *crowd) feeds(n int) feed.Config {
	return configured(func(f *feed.Config) {
		f.URL, f.Interval = "", feed.Every(5*time.Minute)
		for i := range n {
			f.URLs = append(f.URLs, fmt.Sprintf("https://site-%d.example/feed.xml", i))
		}
	})
}

// A thousand feeds in one process are asked in time: after the first round each has its own moment.
func TestThousandFeedsAreAskedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(200 * time.Millisecond)
		c.body = rss("1")
		set := enginetest.Setup(t, nil)
		set.HTTP = func(bool) *http.Client { return &http.Client{Transport: c} }
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), c.feeds(1000), set), new(enginetest.Intake), time.Hour)
		late := time.Duration(0)
		for host, at := range c.asked {
			if len(at) < 11 {
				t.Fatalf("%s was asked %d times in an hour", host, len(at))
			}
			for i := 1; i < len(at); i++ {
				late = max(late, at[i].Sub(at[i-1])-5*time.Minute-c.latency)
			}
		}
		if late > time.Second {
			t.Errorf("a feed was asked %s late", late)
		}
	})
}

// BenchmarkThousandFeeds reads a thousand feeds of 100 KB: the first time, and then unchanged.
func BenchmarkThousandFeeds(b *testing.B) {
	const feeds = 1000
	for _, known := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "unchanged"}[known], func(b *testing.B) {
			c := newCrowd(0)
			in := new(enginetest.Intake)
			set := engine.Setup{Rule: "test", Stream: "test", Once: true}
			set.HTTP = func(bool) *http.Client { return &http.Client{Transport: c} }
			run := func() {
				trigger, err := feed.Kind().Build(c.feeds(feeds), set)
				if err != nil {
					b.Fatal(err)
				}
				if err := trigger.Run(b.Context(), in); err != nil {
					b.Fatal(err)
				}
			}
			if known {
				run()
			}
			for b.Loop() {
				if !known {
					in = new(enginetest.Intake)
				}
				run()
			}
			in = nil
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapSys)/(1<<20), "heap-MB")
			b.ReportMetric(float64(len(c.body))/1024, "KB/feed")
		})
	}
}
