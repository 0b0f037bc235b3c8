package feed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed"

	"rhea/engine/text"
)

var errNotAFeed = errors.New("not a feed: neither RSS nor Atom nor JSON Feed")

// document is a feed as it was read at one moment, its items oldest first.
type document struct {
	info  *Feed
	items []*Item
	hints pollHints
}

// parse reads RSS, Atom and JSON Feed until ctx ends. The address is the one the body came from; links are seen from
// there. It is for [reading.feed]: not all of the way asks whether ctx has ended.
func parse(ctx context.Context, body []byte, address, contentType string) (doc *document, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fmt.Errorf("unreadable feed: %v", p)
		}
	}()
	body = readable(body, contentType)
	if !bytes.HasPrefix(body, []byte("{")) {
		body = sanitizeXML(body)
	}
	if err := checkSize(body); err != nil {
		if looksLikeHTML(body) {
			err = errPage(body, address) // Pages leave many elements open.
		}
		return nil, err
	}
	body, err = boundTrees(body)
	if err != nil {
		return nil, err
	}
	parsed, err := parseWhole(ctx, body)
	switch {
	case errors.Is(err, gofeed.ErrFeedTypeNotDetected) && looksLikeHTML(body):
		return nil, errPage(body, address)
	case errors.Is(err, gofeed.ErrFeedTypeNotDetected):
		return nil, errNotAFeed
	case err != nil:
		return nil, fmt.Errorf("unreadable feed: %w", err)
	}
	return readDocument(parsed, address), nil
}

// parseWhole reads a document, or the feed that begins late in it.
func parseWhole(ctx context.Context, body []byte) (*gofeed.Feed, error) {
	parsed, err := parseComplete(ctx, body)
	if errors.Is(err, gofeed.ErrFeedTypeNotDetected) {
		if inner := wrapped(body); inner != nil {
			if parsed, err := parseComplete(ctx, inner); err == nil && len(parsed.Items) > 0 {
				return parsed, nil
			}
		}
	}
	return parsed, err
}

// parseComplete reads a document, or, if it ends in the middle, its complete items.
func parseComplete(ctx context.Context, body []byte) (*gofeed.Feed, error) {
	parsed, err := parseOnce(ctx, body)
	if err == nil || errors.Is(err, gofeed.ErrFeedTypeNotDetected) || bytes.HasPrefix(body, []byte("{")) {
		return parsed, err
	}
	if shorter := whole(body); shorter != nil {
		if parsed, err := parseOnce(ctx, shorter); err == nil {
			return parsed, nil
		}
	}
	return nil, err
}

func parseOnce(ctx context.Context, body []byte) (*gofeed.Feed, error) {
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // It knows when the feed wants to be asked.
	// The parser would look for images by building a tree, which a small document can make huge.
	p.RSSTranslator = trimmed{&gofeed.DefaultRSSTranslator{DisableContentImageScan: true}}
	p.AtomTranslator = trimmed{&gofeed.DefaultAtomTranslator{}}
	p.JSONTranslator = trimmed{&gofeed.DefaultJSONTranslator{}}
	return p.Parse(&patient{ctx, bytes.NewReader(body)})
}

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 1024)])
	return bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html"))
}

func readDocument(f *gofeed.Feed, address string) *document {
	doc := &document{info: &Feed{
		Title:       oneLine(f.Title),
		Link:        absolute(f.Link, address),
		URL:         withoutPassword(address),
		Description: oneLine(f.Description),
		Language:    f.Language,
	}}
	base := cmp.Or(doc.info.Link, address)
	if f.Image != nil {
		doc.info.Image = absolute(f.Image.URL, base)
	}
	scan := f.FeedType == "rss"
	if doc.info.Image == "" && scan {
		doc.info.Image = absolute(imageIn(f.Description), base)
	}
	for _, i := range f.Items {
		if i == nil {
			continue
		}
		item := readItem(i, base)
		if item.Image == "" && scan {
			item.Image = absolute(cmp.Or(imageIn(i.Content), imageIn(i.Description)), base)
		}
		doc.items = append(doc.items, item)
	}
	oldestFirst(doc.items)
	doc.hints = hintsOf(f, doc.items)
	return doc
}

func readItem(i *gofeed.Item, base string) *Item {
	item := &Item{
		GUID:       strings.TrimSpace(i.GUID),
		Title:      oneLine(i.Title),
		Link:       absolute(i.Link, base),
		Summary:    i.Description,
		Content:    i.Content,
		Author:     authorOf(i),
		Categories: unique(i.Categories),
		Enclosures: []Enclosure{},
		Published:  i.PublishedParsed,
		Updated:    i.UpdatedParsed,
		base:       base,
	}
	if item.Link == "" && isWeb(item.GUID) {
		item.Link = item.GUID
	}
	if item.Link != "" {
		item.base = item.Link
	}
	if i.Image != nil {
		item.Image = absolute(i.Image.URL, base)
	}
	for _, e := range i.Enclosures {
		if e == nil {
			continue
		}
		if address := absolute(e.URL, base); address != "" {
			length, _ := strconv.Atoi(strings.TrimSpace(e.Length)) // Many feeds write nonsense here; then it is unknown.
			item.Enclosures = append(item.Enclosures, Enclosure{address, e.Type, max(length, 0)})
			if item.Image == "" && strings.HasPrefix(e.Type, "image/") {
				item.Image = address
			}
		}
	}
	item.digest = sha256.Sum256([]byte(strings.Join([]string{i.Title, i.Content, i.Description, canonicalLink(item.Link)}, "\x00")))
	return item
}

// longestLine is how many characters of a title are kept. A longer one is a whole text.
const longestLine = 1000

// oneLine makes plain text without line breaks of HTML, with nothing in it that turns the direction of text.
func oneLine(html string) string { return text.Line(text.Plain(html), longestLine) }

func authorOf(i *gofeed.Item) string {
	for _, a := range i.Authors {
		if a != nil && a.Name != "" {
			return oneLine(a.Name)
		}
	}
	return ""
}

// unique are the first of the words, each once.
func unique(words []string) []string {
	known, out := make(map[string]bool), []string{}
	for _, w := range first(words, 10*mostOfAKind) {
		if w = oneLine(w); w != "" && !known[w] && len(out) < mostOfAKind {
			known[w] = true
			out = append(out, w)
		}
	}
	return out
}

// oldestFirst orders by the time of publication if every item tells it; else feeds have the newest first.
func oldestFirst(items []*Item) {
	slices.Reverse(items)
	if slices.ContainsFunc(items, func(i *Item) bool { return i.time().IsZero() }) {
		return
	}
	slices.SortStableFunc(items, func(a, b *Item) int { return a.time().Compare(b.time()) })
}

// patient is a document that can be read until ctx ends: the parser takes no context, but asks for one piece at a time.
type patient struct {
	ctx  context.Context
	rest io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := context.Cause(p.ctx); err != nil {
		return 0, err
	}
	return p.rest.Read(b[:min(len(b), 4096)])
}
