package actions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// ArticleConfig is the configuration of the action article.
type ArticleConfig struct {
	// Title is the headline, on one line.
	Title engine.Text `yaml:"title"`
	// Summary is a sentence or two for lists of articles.
	Summary engine.Text `yaml:"summary"`
	// Image is the address of the picture above the article.
	Image engine.Text `yaml:"image"`
	// Slug names the article among those of its author: the same slug updates the article in place. Without it an
	// item of a feed has its own, which stays when the item is edited, and anything else is a new article.
	Slug engine.Text `yaml:"slug"`
	// PublishedAt is when it was first published: unix seconds or a date. Without it that is what the feed says,
	// or now. An update keeps the time of the first publication.
	PublishedAt engine.Text `yaml:"published_at"`
	// Proxy adds where the article comes from when it did not originate on Nostr, such as a feed's item (NIP-48).
	Proxy bool `yaml:"proxy"`

	Post `yaml:",inline"`
}

type article struct{ ArticleConfig }

var _ engine.Action = (*article)(nil)

// articleKind is the action that writes a long-form article in Markdown (NIP-23).
func articleKind() engine.ActionKind {
	return engine.NewActionKind("article", ArticleConfig{Proxy: true}, newArticle)
}

func newArticle(c ArticleConfig) (engine.Action, error) {
	mistakes := []error{c.checkPost()}
	if c.Title.IsZero() {
		mistakes = append(mistakes, engine.Required("title"))
	}
	mistakes = append(mistakes, (Post{Content: c.Content}).checkContent())
	if s, ok := literal(c.PublishedAt); ok {
		if _, err := parseTime(s); err != nil {
			mistakes = append(mistakes, engine.At("published_at", err))
		}
	}
	if s, ok := literal(c.Slug); ok && strings.TrimSpace(s) == "" {
		mistakes = append(mistakes, engine.At("slug", errors.New("is empty; every article would replace the one before")))
	}
	return &article{c}, errors.Join(mistakes...)
}

var errNoArticle = errors.New("content: is empty after evaluation; an article needs a text (an if beside the action can skip it)")

// Act writes the article, or the next version of it.
func (a *article) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	d, err := a.draft(run, kindArticle, nil)
	if err != nil {
		return engine.Result{}, err
	}
	if strings.TrimSpace(d.Content) == "" {
		return engine.Result{}, errNoArticle
	}
	head, err := a.head(run)
	if err != nil {
		return engine.Result{}, err
	}
	slug, err := a.slug(run)
	if err != nil {
		return engine.Result{}, fmt.Errorf("slug: %w", err)
	}
	before, err := published(ctx, run, slug)
	if err == nil && before != nil && foreign(before, run) {
		// Two items want the same name; the later one gets a name of its own.
		slug = distinct(slug, proxyTag(run)[1])
		before, err = published(ctx, run, slug)
	}
	if err != nil {
		return engine.Result{}, err
	}
	at, err := a.publishedAt(run, before)
	if err != nil {
		return engine.Result{}, fmt.Errorf("published_at: %w", err)
	}
	tags := append(nostr.Tags{{"d", slug}}, head...)
	d.Tags = append(append(tags, nostr.Tag{"published_at", strconv.FormatInt(at, 10)}), d.Tags...)
	if a.Proxy {
		addOrigin(&d, run)
	}
	if before != nil && int64(before.CreatedAt) >= run.Now.Unix() {
		d.CreatedAt = before.CreatedAt + 1 // Of two versions with the same time relays keep either (NIP-01).
	}
	return engine.Result{Drafts: []engine.Draft{d}}, nil
}

// head returns the tags that tell what the article is about.
func (a *article) head(run engine.Run) (nostr.Tags, error) {
	var tags nostr.Tags
	for _, field := range []struct {
		name string
		text engine.Text
	}{{"title", a.Title}, {"summary", a.Summary}, {"image", a.Image}} {
		value, err := field.text.Eval(run.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field.name, err)
		}
		value = strings.TrimSpace(value)
		if field.name != "summary" {
			value = strings.Join(strings.Fields(value), " ")
		}
		if value == "" || field.name == "image" && !isWebAddress(value) {
			continue
		}
		tags = append(tags, nostr.Tag{field.name, value})
	}
	return tags, nil
}

// maxSlug leaves room for the rest of an address in a tag.
const maxSlug = 128

// slug returns the d tag, never empty.
func (a *article) slug(run engine.Run) (string, error) {
	written, err := a.Slug.Eval(run.Data)
	if err != nil {
		return "", err
	}
	if written = strings.TrimSpace(written); written != "" {
		return slugOf(written), nil
	}
	if item, ok := run.Data.(engine.Identified); ok {
		if key, _ := item.Identity(); key != "" {
			return digest(key, 16), nil
		}
	}
	return digest(run.IdempotencyKey, 16), nil
}

// slugOf keeps what can stand in an address, and makes of anything else something that can, different for different
// texts.
func slugOf(written string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', strings.ContainsRune("-_.", r):
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return ' '
	}, written)
	if plain == written && len(written) <= maxSlug {
		return written
	}
	plain = strings.Join(strings.Fields(plain), "-")
	return distinct(plain, written)
}

// distinct makes a slug unique.
func distinct(slug, whose string) string {
	slug = strings.Trim(slug[:min(len(slug), maxSlug-9)], "-")
	if slug == "" {
		return digest(whose, 16)
	}
	return slug + "-" + digest(whose, 4)
}

func digest(s string, bytes int) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:bytes])
}

// published returns the version of the article that is newest, nil if there is none or it is not known. The state knows
// one that relays have yet to get, or that no relay can show for now.
func published(ctx context.Context, run engine.Run, slug string) (*nostr.Event, error) {
	mine := func(e *nostr.Event) bool {
		d := firstTag(e.Tags, "d")
		return e.Kind == kindArticle && e.PubKey == run.Pubkey && d != nil && d[1] == slug
	}
	for i := len(run.Drafted) - 1; i >= 0; i-- {
		if mine(&run.Drafted[i]) {
			return &run.Drafted[i], nil
		}
	}
	var newest *nostr.Event
	if run.Latest != nil {
		var err error
		if newest, err = run.Latest(ctx, fmt.Sprintf("%d:%s:%s", kindArticle, run.Pubkey, slug)); err != nil {
			return nil, engine.Temporary(fmt.Errorf("looking up the version before: %w", err))
		}
	}
	if run.Source == nil {
		return newest, nil
	}
	limited, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	events, err := run.Source.Fetch(limited, run.Relays, nostr.Filter{
		Kinds: []int{kindArticle}, Authors: []string{run.Pubkey}, Tags: nostr.TagMap{"d": {slug}}, Limit: 1,
	})
	if err != nil {
		return newest, nil // The first version of an article must not wait for a relay that is down.
	}
	for i := range events {
		if mine(&events[i]) && (newest == nil || engine.Newer(&events[i], newest)) {
			newest = &events[i]
		}
	}
	return newest, nil
}

// foreign reports whether an article was made of another item than the one at hand.
func foreign(e *nostr.Event, run engine.Run) bool {
	theirs, ours := firstTag(e.Tags, "proxy"), proxyTag(run)
	return theirs != nil && ours != nil && theirs[1] != ours[1]
}

func (a *article) publishedAt(run engine.Run, before *nostr.Event) (int64, error) {
	if before != nil {
		if tag := firstTag(before.Tags, "published_at"); tag != nil {
			if at, err := strconv.ParseInt(tag[1], 10, 64); err == nil && at > 0 {
				return at, nil
			}
		}
	}
	s, err := a.PublishedAt.Eval(run.Data)
	if err != nil {
		return 0, err
	}
	if s = strings.TrimSpace(s); s != "" {
		at, err := parseTime(s)
		return at.Unix(), err
	}
	if item, ok := run.Data.(engine.Identified); ok {
		if _, at := item.Identity(); at.Unix() > 0 && at.Before(run.Now) {
			return at.Unix(), nil
		}
	}
	return run.Now.Unix(), nil
}
