package feed

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rhea/engine"
)

// Config is the configuration of the feed trigger. Exactly one of url, urls and opml is given.
type Config struct {
	// URL is the address of a feed: RSS, Atom or JSON Feed.
	URL string `yaml:"url"`
	// URLs are the addresses of several feeds.
	URLs []string `yaml:"urls"`
	// OPML is a list of feeds as readers export it: a path, relative to the configuration, or a web address. It is
	// read when the bot starts.
	OPML string `yaml:"opml"`
	// Interval is how often a feed is asked: a time span of at least 1m, a cron expression, or auto, which is
	// between 5 minutes and 24 hours, depending on how often the feed has news and what it says of itself. With
	// allow_private it may be as short as 1s.
	Interval Interval `yaml:"interval"`
	// Timezone is the zone of a cron expression, by a name such as Europe/Berlin.
	Timezone string `yaml:"timezone"`
	// FirstRun says what happens to the items that are there when a feed is first read: skip passes over all,
	// latest over all but the newest, all over none, and "since 2026-01-31" over those published before.
	FirstRun string `yaml:"first_run"`
	// MaxItems is how many items of a feed are acted on after one look at it; the others wait for the next.
	MaxItems int `yaml:"max_items"`
	// HoldAbove holds a feed back that has more new items at once than this: a number, never, or auto, which is
	// more than the feed's history makes likely. A feed that is held posts nothing until rhea resume.
	HoldAbove HoldAbove `yaml:"hold_above"`
	// Spread paces the items found in one look over a time span.
	Spread engine.Duration `yaml:"spread"`
	// OnUpdate says what happens to an item whose title, text or link has changed: ignore, or run.
	OnUpdate string `yaml:"on_update" enum:"ignore,run"`
	// AllowPrivate lets the feed be on this machine or in a private network.
	AllowPrivate bool `yaml:"allow_private"`
}

// What to do about the items of a first run, and about changed ones.
const (
	firstRunSkip   = "skip"
	firstRunLatest = "latest"
	firstRunAll    = "all"
	firstRunSince  = "since "
	onUpdateIgnore = "ignore"
	onUpdateRun    = "run"
)

const (
	shortestInterval        = time.Minute
	shortestPrivateInterval = time.Second
)

// since reads the date of a first run; zero if it has none.
func (c Config) since() (time.Time, error) {
	text, ok := strings.CutPrefix(c.FirstRun, firstRunSince)
	if !ok {
		return time.Time{}, engine.OneOf("first_run", c.FirstRun, firstRunSkip, firstRunLatest, firstRunAll, `"since 2026-01-31"`)
	}
	text = strings.TrimSpace(text)
	if t, ok := engine.ParseTime(text); ok {
		return t, nil
	}
	return time.Time{}, engine.At("first_run", fmt.Errorf("%q is not a date; write since 2026-01-31", text))
}

func (c Config) urls() ([]string, error) {
	switch {
	case c.OPML != "" && (c.URL != "" || c.URLs != nil):
		return nil, engine.At("opml", errors.New("stands beside url or urls; use one of them"))
	case c.OPML != "":
		return nil, nil
	case c.URL != "" && c.URLs != nil:
		return nil, engine.At("urls", errors.New("stands beside url; use one of them"))
	case c.URL != "":
		return []string{c.URL}, checkURL("url", c.URL)
	case c.URLs == nil:
		return nil, engine.At("url", errors.New("is missing; write the address of the feed"))
	case len(c.URLs) == 0:
		return nil, engine.At("urls", engine.ErrEmptyList)
	}
	var failed error
	known := make(map[string]bool)
	for i, u := range c.URLs {
		path := fmt.Sprintf("urls.%d", i)
		failed = errors.Join(failed, checkURL(path, u))
		c := canonicalLink(u)
		if known[c] {
			failed = errors.Join(failed, engine.At(path, errors.New("is in the list twice")))
		}
		known[c] = true
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

func (c Config) checkInterval() error {
	least := shortestInterval
	if c.AllowPrivate {
		least = shortestPrivateInterval
	}
	d := c.Interval.shortest()
	if d != 0 && d < least {
		return engine.At("interval", fmt.Errorf("%s is impolite; the shortest is %s", engine.Duration(d), engine.Duration(least)))
	}
	if d != 0 && c.Spread.Std() > d {
		return engine.At("spread", fmt.Errorf("%s is longer than the interval of %s", c.Spread, engine.Duration(d)))
	}
	return nil
}
