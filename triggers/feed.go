package triggers

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rhea/engine"
)

// FeedConfig is the configuration of the feed trigger. Exactly one of url and urls is given.
type FeedConfig struct {
	// URL is the address of a feed: RSS, Atom or JSON Feed.
	URL string `yaml:"url"`
	// URLs are the addresses of several feeds.
	URLs []string `yaml:"urls"`
	// Interval is how often a feed is asked: a time span of at least 1m, or auto, which is between 15 and 30
	// minutes. With allow_private it may be as short as 1s.
	Interval Interval `yaml:"interval"`
	// FirstRun says what happens to the items that are there when a feed is first read: skip passes over all,
	// latest over all but the newest, all over none.
	FirstRun string `yaml:"first_run" enum:"skip,latest,all"`
	// MaxItems is how many items of a feed are acted on after one look at it; the others wait for the next.
	MaxItems int `yaml:"max_items"`
	// Spread paces the items found in one look over a time span.
	Spread engine.Duration `yaml:"spread"`
	// OnUpdate says what happens to an item whose title, text or link has changed: ignore, or run.
	OnUpdate string `yaml:"on_update" enum:"ignore,run"`
	// AllowPrivate lets the feed be on this machine or in a private network.
	AllowPrivate bool `yaml:"allow_private"`
}

// Interval is a time span, or 0 for auto.
type Interval time.Duration

// UnmarshalText reads "auto" or a duration.
func (i *Interval) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*i = 0
		return nil
	}
	d, err := engine.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%w, or auto", err)
	}
	*i = Interval(d)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (i Interval) MarshalText() ([]byte, error) {
	if i == 0 {
		return []byte("auto"), nil
	}
	return []byte(time.Duration(i).String()), nil
}

// What to do about the items of a first run, and about changed ones.
const (
	firstRunSkip   = "skip"
	firstRunLatest = "latest"
	firstRunAll    = "all"
	onUpdateIgnore = "ignore"
	onUpdateRun    = "run"
)

const (
	shortestInterval        = time.Minute
	shortestPrivateInterval = time.Second
)

// feedKind is the trigger that fires for every new item of a feed.
func feedKind() engine.TriggerKind {
	return engine.NewTriggerKind[FeedConfig, FeedData]("feed", FeedConfig{
		FirstRun: firstRunSkip, MaxItems: 10, OnUpdate: onUpdateIgnore,
	}, newFeed)
}

func newFeed(c FeedConfig, s engine.Setup) (engine.Trigger, error) {
	urls, err := c.urls()
	err = errors.Join(err,
		c.checkInterval(),
		oneOf("first_run", c.FirstRun, firstRunSkip, firstRunLatest, firstRunAll),
		oneOf("on_update", c.OnUpdate, onUpdateIgnore, onUpdateRun))
	if c.MaxItems < 1 {
		err = errors.Join(err, engine.At("max_items", fmt.Errorf("%d is not a number of items; write 1 or more", c.MaxItems)))
	}
	if err != nil {
		return nil, err
	}
	t := &feeds{setup: withLog(s)}
	for _, u := range urls {
		stream := s.Stream
		if len(urls) > 1 {
			stream += "/" + strconv.FormatUint(hash64(canonicalLink(u)), 36)
		}
		t.pollers = append(t.pollers, &poller{
			setup: t.setup, config: c, url: u, stream: stream, interval: c.intervalFor(u),
		})
	}
	return t, nil
}

func (c FeedConfig) urls() ([]string, error) {
	switch {
	case c.URL != "" && c.URLs != nil:
		return nil, engine.At("urls", errors.New("stands beside url; use one of them"))
	case c.URL != "":
		return []string{c.URL}, checkURL("url", c.URL)
	case c.URLs == nil:
		return nil, engine.At("url", errors.New("is missing; write the address of the feed"))
	case len(c.URLs) == 0:
		return nil, engine.At("urls", errEmptyList)
	}
	var failed error
	var known []string
	for i, u := range c.URLs {
		path := fmt.Sprintf("urls.%d", i)
		failed = errors.Join(failed, checkURL(path, u))
		if c := canonicalLink(u); slices.Contains(known, c) {
			failed = errors.Join(failed, engine.At(path, errors.New("is in the list twice")))
		} else {
			known = append(known, c)
		}
	}
	return c.URLs, failed
}

func checkURL(path, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return engine.At(path, errors.New("is not a web address; write https://example.com/feed.xml"))
	}
	return nil
}

func (c FeedConfig) checkInterval() error {
	least := shortestInterval
	if c.AllowPrivate {
		least = shortestPrivateInterval
	}
	if d := time.Duration(c.Interval); d != 0 && d < least {
		return engine.At("interval", fmt.Errorf("%s is impolite; the shortest is %s", d, least))
	}
	if d := time.Duration(c.Interval); d != 0 && c.Spread.Std() > d {
		return engine.At("spread", fmt.Errorf("%s is longer than the interval of %s", c.Spread, d))
	}
	return nil
}

// intervalFor spreads feeds on auto over a quarter of an hour, so that they are not all asked at once.
func (c FeedConfig) intervalFor(u string) time.Duration {
	if c.Interval != 0 {
		return time.Duration(c.Interval)
	}
	const quarter = 15 * time.Minute
	return quarter + time.Duration(hash64(u)%uint64(quarter)).Truncate(time.Second)
}

func hash64(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}
