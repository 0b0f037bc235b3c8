package text

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

const (
	// maxHTML is how many bytes of a document are read.
	maxHTML = 2 << 20
	// maxDepth is how deep elements nest; deeper tags are looked through.
	maxDepth = 64
	// maxIndent is how deep lists and quotes nest.
	maxIndent = 8
)

// visitor is called for what a document contains. Every opened element is closed, innermost first, unless it is void.
type visitor interface {
	open(tag string, attributes attributes)
	close(tag string)
	text(s string)
}

type attributes map[string]string

// walk reads a document and calls v.
func walk(document string, v visitor) {
	w := walker{z: html.NewTokenizer(strings.NewReader(clip(document, maxHTML))), visitor: v, opened: make(map[string]int)}
	for {
		switch kind := w.z.Next(); kind {
		case html.ErrorToken:
			w.closeTo(0)
			return
		case html.TextToken:
			if w.skip == "" {
				v.text(clean(string(w.z.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := w.z.TagName()
			w.start(string(name), more, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := w.z.TagName()
			w.end(string(name))
		}
	}
}

type walker struct {
	z       *html.Tokenizer
	visitor visitor
	stack   []string
	// opened counts the names on the stack.
	opened map[string]int
	// skip is the element being dropped, skipDepth how often it is open.
	skip      string
	skipDepth int
}

func (w *walker) start(tag string, more, selfClosing bool) {
	if w.skip != "" {
		if tag == w.skip && !selfClosing {
			w.skipDepth++
		}
		return
	}
	if skipped[tag] {
		if selfClosing && (tag == "svg" || tag == "math") {
			return
		}
		w.skip, w.skipDepth = tag, 1
		return
	}
	if !blocks[tag] && !inline[tag] && !void[tag] {
		return
	}
	w.endImplied(tag)
	if void[tag] {
		w.visitor.open(tag, w.attributes(more))
		return
	}
	if len(w.stack) >= maxDepth || w.tooIndented(tag) {
		return
	}
	w.stack = append(w.stack, tag)
	w.opened[tag]++
	w.visitor.open(tag, w.attributes(more))
}

func (w *walker) end(tag string) {
	if w.skip != "" {
		if tag == w.skip {
			if w.skipDepth--; w.skipDepth == 0 {
				w.skip = ""
			}
		}
		return
	}
	if tag == "br" {
		w.visitor.open("br", nil)
		return
	}
	if w.opened[tag] == 0 {
		return
	}
	for i, open := range slices.Backward(w.stack) {
		if open == tag {
			w.closeTo(i)
			return
		}
		// A stray end tag inside a cell or an item must not end what is around it.
		if cells[open] && !tables[tag] || lists[open] && tag == "li" {
			return
		}
	}
}

func (w *walker) endImplied(tag string) {
	implied, ok := endings[tag]
	if !ok && blocks[tag] {
		implied = paragraph
	}
	to := len(w.stack)
	for i, open := range slices.Backward(w.stack) {
		if implied.ends[open] {
			to = i
		} else if implied.within[open] {
			break
		}
	}
	w.closeTo(to)
}

func (w *walker) closeTo(depth int) {
	for len(w.stack) > depth {
		last := len(w.stack) - 1
		tag := w.stack[last]
		w.stack = w.stack[:last]
		w.opened[tag]--
		w.visitor.close(tag)
	}
}

func (w *walker) tooIndented(tag string) bool {
	if !lists[tag] && tag != "blockquote" && tag != "dl" {
		return false
	}
	count := 0
	for _, open := range w.stack {
		if lists[open] || open == "blockquote" || open == "dl" {
			count++
		}
	}
	return count >= maxIndent
}

// known are the attributes that visitors use.
var known = []string{"alt", "class", "data-lazy-src", "data-src", "height", "href", "src", "start", "style", "width"}

func (w *walker) attributes(more bool) attributes {
	var found attributes
	for more {
		var name, value []byte
		name, value, more = w.z.TagAttr()
		if !slices.Contains(known, string(name)) {
			continue
		}
		if found == nil {
			found = make(attributes)
		}
		if _, twice := found[string(name)]; !twice {
			found[string(name)] = clean(string(value))
		}
	}
	return found
}

// clip cuts s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
