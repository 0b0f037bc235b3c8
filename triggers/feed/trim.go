package feed

import (
	"slices"
	"strings"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
)

const (
	maxItems = 5000 // Items that are looked at; no reader shows more.
	// mostOfAKind is how many categories, authors, links or files of an item are looked at.
	mostOfAKind = 100
	// longestName is how much of a name is read, longestKeywords of a list of them; in bytes.
	longestName     = 1000
	longestKeywords = 10_000
)

// trimmed leaves out what nobody would read before a feed is translated, which costs much for each item.
type trimmed struct{ gofeed.Translator }

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
	return t.Translator.Translate(feed)
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
