package feed

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
)

// What a feed may hold to be read at all. A real feed of 10 MB has a tenth of it; these bound the memory that a document
// takes when it is read.
const (
	maxDepth      = 500     // Elements inside each other; a real feed has ten.
	maxElements   = 500_000 // XML elements.
	maxAttributes = 500_000
	maxValues     = 500_000 // JSON values.
)

// checkSize says what a document has too much of. A stack that overflows cannot be recovered from, nor can memory that
// is gone. It counts more than it must in odd markup, never less.
func checkSize(body []byte) error {
	if bytes.HasPrefix(body, []byte("{")) {
		if jsonValues(body) > maxValues {
			return fmt.Errorf("unreadable feed: more than %d values", maxValues)
		}
		return nil
	}
	m := markup{rest: body}
	for m.next() {
		switch {
		case m.depth > maxDepth:
			return fmt.Errorf("unreadable feed: elements more than %d deep", maxDepth)
		case m.elements > maxElements:
			return fmt.Errorf("unreadable feed: more than %d elements", maxElements)
		case m.attributes > maxAttributes:
			return fmt.Errorf("unreadable feed: more than %d attributes", maxAttributes)
		}
	}
	return nil
}

// markup is walked through from tag to tag; every byte is looked at a few times at most.
type markup struct {
	rest                        []byte
	depth, elements, attributes int
}

// next counts one more tag. It reports whether there was one.
func (m *markup) next() bool {
	i := bytes.IndexByte(m.rest, '<')
	if i < 0 || i+1 >= len(m.rest) {
		return false
	}
	m.rest = m.rest[i+1:]
	switch {
	case bytes.HasPrefix(m.rest, []byte("![CDATA[")):
		m.rest = after(m.rest, "]]>")
	case bytes.HasPrefix(m.rest, []byte("!--")):
		m.rest = after(m.rest, "-->")
	case m.rest[0] == '!' || m.rest[0] == '?':
	case m.rest[0] == '/':
		m.depth = max(m.depth-1, 0)
	default:
		// A tag ends before the next one begins; one that does not is open.
		tag := m.rest
		if next := bytes.IndexByte(tag, '<'); next >= 0 {
			tag = tag[:next]
		}
		m.elements++
		m.attributes += bytes.Count(tag, []byte("="))
		if end := bytes.IndexByte(tag, '>'); end <= 0 || tag[end-1] != '/' {
			m.depth++
		}
	}
	return true
}

func after(body []byte, mark string) []byte {
	_, rest, _ := bytes.Cut(body, []byte(mark))
	return rest
}

// jsonValues counts what can become a value of its own: what stands behind a comma or an opening bracket.
func jsonValues(body []byte) (n int) {
	for text := false; len(body) > 0; body = body[1:] {
		switch c := body[0]; {
		case text && c == '\\' && len(body) > 1:
			body = body[1:]
		case c == '"':
			text = !text
		case !text && (c == ',' || c == '{' || c == '['):
			n++
		}
	}
	return n
}

// The parser of Atom builds a tree of what is typed as HTML. A small document can make that huge: each paragraph within
// elements that are left open gets copies of all of them.
const (
	// longestTree is how long a document may be of which trees are built. In a longer one HTML is taken as it stands.
	longestTree = 1 << 20
	// openTags bounds how many elements are left open, times how many tags there are.
	openTags = 10_000_000
)

var (
	htmlType  = regexp.MustCompile(`(?i)(\btype\s*=\s*["']?)(?:html|[^"'<>\s]*xhtml[^"'<>\s]*)`)
	codedType = regexp.MustCompile(`(?i)\btype\s*=\s*["']?[^"'<>\s]*&`)
	// formatting are the tags of elements that a browser opens anew in the next paragraph, raw or escaped.
	formatting = regexp.MustCompile(`(?i)(?:<|&lt;|&#60;|&#x3c;)(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b`)
)

// boundTrees keeps the parser from building trees that are too large.
func boundTrees(body []byte) ([]byte, error) {
	if gofeed.DetectFeedType(bytes.NewReader(first(body, 4096))) != gofeed.FeedTypeAtom {
		return body, nil
	}
	if len(body) > longestTree {
		if codedType.Match(body) {
			return nil, fmt.Errorf("unreadable feed: a type with a reference in it, in more than %d KiB", longestTree>>10)
		}
		return htmlType.ReplaceAllFunc(body, plainType), nil
	}
	open, most := 0, 0
	for _, at := range formatting.FindAllSubmatchIndex(body, -1) {
		if open++; at[2] < at[3] {
			open = max(open-2, 0)
		}
		most = max(most, open)
	}
	if most*(bytes.Count(body, []byte("<"))+bytes.Count(body, []byte("&"))) > openTags {
		return nil, fmt.Errorf("unreadable feed: its HTML leaves %d elements open", most)
	}
	return body, nil
}

// plainType makes type="html" type="text", whose references are resolved too, and type="xhtml" one that is left as it is.
func plainType(attribute []byte) []byte {
	to := []byte("${1}text")
	if bytes.Contains(bytes.ToLower(attribute), []byte("xhtml")) {
		to = []byte("${1}xml")
	}
	return htmlType.ReplaceAll(attribute, to)
}

const (
	maxItems = 5000 // Items that are looked at; no reader shows more.
	// mostOfAKind is how many categories, authors, links or files of an item are looked at.
	mostOfAKind = 100
	// longestName is how much of a name is read, longestKeywords of a list of them; in bytes.
	longestName     = 1000
	longestKeywords = 10_000
)

// trimmed leaves out what nobody would read before a feed is translated, which costs much for each item.
type trimmed struct{ then gofeed.Translator }

// Translate implements [gofeed.Translator].
func (t trimmed) Translate(feed any) (*gofeed.Feed, error) {
	switch f := feed.(type) {
	case *rss.Feed:
		trimRSS(f)
	case *atom.Feed:
		f.Entries = first(f.Entries, maxItems)
		for _, e := range f.Entries {
			e.Categories, e.Authors, e.Links = first(e.Categories, mostOfAKind), first(e.Authors, mostOfAKind), first(e.Links, mostOfAKind)
		}
	case *json.Feed:
		trimJSON(f)
	}
	return t.then.Translate(feed)
}

func trimRSS(f *rss.Feed) {
	f.Items = first(f.Items, maxItems)
	f.ManagingEditor, f.WebMaster = start(f.ManagingEditor, longestName), start(f.WebMaster, longestName)
	if f.ITunesExt != nil {
		f.ITunesExt.Author, f.ITunesExt.Keywords = start(f.ITunesExt.Author, longestName), start(f.ITunesExt.Keywords, longestKeywords)
	}
	if dc := f.DublinCoreExt; dc != nil {
		dc.Author, dc.Creator = startsOf(dc.Author), startsOf(dc.Creator)
	}
	for _, i := range f.Items {
		i.Categories, i.Enclosures, i.Links = first(i.Categories, mostOfAKind), first(i.Enclosures, mostOfAKind), first(i.Links, mostOfAKind)
		i.Author = start(i.Author, longestName)
		if i.ITunesExt != nil {
			i.ITunesExt.Author, i.ITunesExt.Keywords = start(i.ITunesExt.Author, longestName), start(i.ITunesExt.Keywords, longestKeywords)
		}
		if dc := i.DublinCoreExt; dc != nil {
			dc.Author, dc.Creator, dc.Subject = startsOf(dc.Author), startsOf(dc.Creator), first(dc.Subject, mostOfAKind)
		}
	}
}

func trimJSON(f *json.Feed) {
	f.Items = first(f.Items, maxItems)
	f.Authors = trimAuthors(f.Authors)
	f.Author = trimAuthors([]*json.Author{f.Author})[0]
	for _, i := range f.Items {
		if i == nil {
			continue
		}
		i.Authors, i.Tags = trimAuthors(i.Authors), first(i.Tags, mostOfAKind)
		i.Author = trimAuthors([]*json.Author{i.Author})[0]
		i.DatePublished, i.DateModified = start(i.DatePublished, longestName), start(i.DateModified, longestName)
		if i.Attachments != nil {
			*i.Attachments = first(*i.Attachments, mostOfAKind)
		}
	}
}

func trimAuthors(all []*json.Author) []*json.Author {
	all = first(all, mostOfAKind)
	for _, a := range all {
		if a != nil {
			a.Name = start(a.Name, longestName)
		}
	}
	return all
}

// startsOf are the beginnings of the first of them; nil stays nil.
func startsOf(all []string) []string {
	all = slices.Clone(first(all, mostOfAKind))
	for i := range all {
		all[i] = start(all[i], longestName)
	}
	return all
}

// first is a list of at most n.
func first[T any](all []T, n int) []T { return all[:min(n, len(all))] }

// start is at most n bytes of a text, without a broken character at the end.
func start(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}
