package feed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

const (
	// foundFeeds bounds how many feeds of a page are named.
	maxFound = 3
	// searchedPage is how much of a page is searched: the links stand in its head.
	searchedPage = 256 << 10
)

// errPage is the error for a web page in the place of a feed. It names the feeds that the page names. They are not
// followed by themselves: a page may name several, name others tomorrow, and the operator should know which one is read.
func errPage(body []byte, address string) error {
	found := feedLinks(body, address)
	if len(found) == 0 {
		return errors.New("not a feed but a web page; look there for a link named RSS or Atom")
	}
	return fmt.Errorf("not a feed but a web page; its feed is %s: write that as url", strings.Join(found, " or "))
}

// imageIn returns the address of the first image in a text, "" if there is none.
func imageIn(document string) string {
	if !strings.Contains(document, "<") {
		return ""
	}
	z := html.NewTokenizer(strings.NewReader(document))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		name, more := z.TagName()
		for image := string(name) == "img"; image && more; {
			var key, value []byte
			if key, value, more = z.TagAttr(); string(key) == "src" {
				return string(value)
			}
		}
	}
	return ""
}

// feedLinks returns the addresses of feeds that a page names in its head (RSS autodiscovery).
func feedLinks(page []byte, address string) []string {
	var found []string
	base := address
	z := html.NewTokenizer(bytes.NewReader(page[:min(len(page), searchedPage)]))
	for len(found) < maxFound {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		t := z.Token()
		a := make(map[string]string)
		for _, one := range t.Attr {
			a[one.Key] = one.Val
		}
		switch t.Data {
		case "base":
			if to := absolute(a["href"], address); to != "" {
				base = to
			}
		case "link":
			rel := strings.Fields(strings.ToLower(a["rel"]))
			feed := slices.Contains(rel, "feed") || slices.Contains(rel, "alternate") && isFeedType(a["type"])
			if to := absolute(a["href"], base); feed && to != "" && !slices.Contains(found, to) {
				found = append(found, to)
			}
		}
	}
	return found
}

func isFeedType(mediaType string) bool {
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	switch strings.TrimSpace(mediaType) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml":
		return true
	}
	return false
}
