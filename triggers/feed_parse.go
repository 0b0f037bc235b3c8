package triggers

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"rhea/engine/text"
)

const (
	feedItems = 5000 // Items that are looked at; no reader shows more.
	feedDepth = 500  // Elements inside each other; a real feed has ten.
)

var errNotAFeed = errors.New("not a feed: neither RSS nor Atom nor JSON Feed")

// feedDocument is a feed as it was read at one moment, its items oldest first.
type feedDocument struct {
	info    *FeedInfo
	items   []*Item
	manners manners
}

// parseFeed reads RSS, Atom and JSON Feed. The address is the one the body came from; links are seen from there.
func parseFeed(body []byte, address, contentType string) (doc *feedDocument, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fmt.Errorf("unreadable feed: %v", p)
		}
	}()
	body = readable(body, contentType)
	if !bytes.HasPrefix(body, []byte("{")) {
		if body = mend(body); tooDeep(body) {
			return nil, fmt.Errorf("unreadable feed: elements more than %d deep", feedDepth)
		}
	}
	parsed, err := parseWhole(body)
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

// parseWhole reads a document, or, if it ends in the middle, its complete items.
func parseWhole(body []byte) (*gofeed.Feed, error) {
	parsed, err := parseOnce(body)
	if errors.Is(err, gofeed.ErrFeedTypeNotDetected) {
		if inner := wrapped(body); inner != nil {
			if parsed, err := parseWhole(inner); err == nil && len(parsed.Items) > 0 {
				return parsed, nil
			}
		}
	}
	if err == nil || errors.Is(err, gofeed.ErrFeedTypeNotDetected) || bytes.HasPrefix(body, []byte("{")) {
		return parsed, err
	}
	if shorter := whole(body); shorter != nil {
		if parsed, err := parseOnce(shorter); err == nil {
			return parsed, nil
		}
	}
	return nil, err
}

func parseOnce(body []byte) (*gofeed.Feed, error) {
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // It knows when the feed wants to be asked.
	return p.Parse(bytes.NewReader(body))
}

// tooDeep guards the parser's recursion: a stack that overflows cannot be recovered from. It counts more than it
// must in odd markup, never less.
func tooDeep(body []byte) bool {
	depth := 0
	for {
		i := bytes.IndexByte(body, '<')
		if i < 0 || i+1 >= len(body) {
			return false
		}
		body = body[i+1:]
		switch {
		case bytes.HasPrefix(body, []byte("![CDATA[")):
			body = after(body, "]]>")
		case bytes.HasPrefix(body, []byte("!--")):
			body = after(body, "-->")
		case body[0] == '!' || body[0] == '?':
		case body[0] == '/':
			depth = max(depth-1, 0)
		default:
			end := bytes.IndexByte(body, '>')
			if end > 0 && body[end-1] == '/' {
				continue
			}
			if depth++; depth > feedDepth {
				return true
			}
		}
	}
}

func after(body []byte, mark string) []byte {
	_, rest, _ := bytes.Cut(body, []byte(mark))
	return rest
}

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 1024)])
	return bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html"))
}

func readDocument(f *gofeed.Feed, address string) *feedDocument {
	doc := &feedDocument{info: &FeedInfo{
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
	for _, i := range f.Items[:min(len(f.Items), feedItems)] {
		if i != nil {
			doc.items = append(doc.items, readItem(i, base))
		}
	}
	oldestFirst(doc.items)
	doc.manners = mannersOf(f, doc.items)
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

func unique(words []string) []string {
	var out []string
	for _, w := range words {
		if w = oneLine(w); w != "" && !slices.Contains(out, w) {
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

// time returns when the item was published, or else changed; zero if it tells neither.
func (i *Item) time() time.Time {
	switch {
	case i.Published != nil:
		return *i.Published
	case i.Updated != nil:
		return *i.Updated
	}
	return time.Time{}
}

// absolute returns a web address seen from base, "" if it is none.
func absolute(ref, base string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" {
		return ""
	}
	from, err := url.Parse(base)
	if err != nil {
		return ""
	}
	to, err := from.Parse(ref)
	if err != nil || !isWeb(to.String()) {
		return ""
	}
	return withoutPassword(to.String())
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}
