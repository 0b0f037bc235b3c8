package feed

import (
	"bytes"
	"fmt"
	"regexp"

	"github.com/mmcdole/gofeed"
)

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
