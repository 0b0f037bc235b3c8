package text

import (
	"strconv"
	"strings"
)

// Plain turns HTML into text as a person would have written it: paragraphs with a blank line between them, lists with
// "- " or numbers, quotes with "> ", links as "words (address)", images as addresses on lines of their own. Scripts,
// styles, tracking pixels and links that are not http, https or mailto are dropped. Text without any tags keeps
// its lines. At most 2 MiB are read.
func Plain(html string) string {
	p := &plain{lines: !markup().MatchString(html)}
	walk(html, p)
	return p.out.String()
}

var markup = pattern(`<[a-zA-Z/!?]`)

// plain is the visitor that writes text.
type plain struct {
	out lines
	// lines keeps the line breaks of text that is not HTML.
	lines bool
	// pre counts the open preformatted elements; fresh is right after the start of one.
	pre   int
	fresh bool
	// items counts the items of each open list; -1 for one without numbers.
	items []int
	link  *link
	// cells counts the cells in the current row.
	cells int
}

// link is an open a element.
type link struct {
	href string
	mark *mark
	// image is the address of an image within it.
	image string
}

func (p *plain) open(tag string, a attributes) {
	if blocks[tag] {
		p.breakFor(tag)
	}
	switch tag {
	case "br":
		p.out.newline()
	case "hr":
		p.out.word("---")
		p.breakFor(tag)
	case "img":
		p.image(a)
	case "video", "audio", "source":
		p.media(a["src"])
	case "a":
		p.link = &link{href: a["href"], mark: p.out.markNext()}
	case "q":
		p.out.word("“")
	case "pre":
		p.pre++
		p.fresh = true
	case "blockquote":
		p.out.indent("> ", "> ")
	case "dd":
		p.out.indent("  ", "  ")
	case "ul", "menu":
		p.items = append(p.items, -1)
	case "ol":
		p.items = append(p.items, firstNumber(a["start"]))
	case "li":
		p.item()
	case "tr":
		p.cells = 0
	case "td", "th":
		if p.cells++; p.cells > 1 {
			p.out.space()
			p.out.word("|")
			p.out.space()
		}
	}
}

func (p *plain) close(tag string) {
	switch tag {
	case "a":
		p.endLink()
	case "q":
		p.out.word("”")
	case "pre":
		p.pre--
	case "blockquote", "dd", "li":
		p.out.outdent()
	case "ul", "ol", "menu":
		p.items = p.items[:len(p.items)-1]
	}
	if blocks[tag] {
		p.breakFor(tag)
	}
}

func (p *plain) text(s string) {
	if p.pre > 0 || p.lines {
		if p.fresh {
			s = strings.TrimPrefix(s, "\n")
			p.fresh = false
		}
		p.out.verbatim(s)
		return
	}
	p.out.flow(s)
}

// breakFor ends the line; spaced blocks are set apart by a blank line, except within a list.
func (p *plain) breakFor(tag string) {
	switch {
	case cells[tag]:
	case spaced[tag] && len(p.items) == 0:
		p.out.breakLine(2)
	default:
		p.out.breakLine(1)
	}
}

func (p *plain) item() {
	if len(p.items) == 0 {
		p.out.indent("- ", "  ")
		return
	}
	number := &p.items[len(p.items)-1]
	if *number < 0 {
		p.out.indent("- ", "  ")
		return
	}
	marker := strconv.Itoa(*number) + ". "
	p.out.indent(marker, strings.Repeat(" ", len(marker)))
	*number++
}

func firstNumber(start string) int {
	n, err := strconv.Atoi(start)
	if err != nil || n < 0 || n > 1_000_000 {
		return 1
	}
	return n
}

// endLink adds the address to the words of the link, unless they are the address already.
func (p *plain) endLink() {
	l := p.link
	p.link = nil
	address, ok := linkAddress(l.href)
	if !ok {
		return
	}
	words := p.out.since(l.mark)
	switch {
	case l.image != "":
		if words == l.image && address != l.image && !isPicture(address) {
			p.media(address)
		}
	case words == "":
		p.out.word(address)
	case sameAddress(words, address):
		p.out.replace(l.mark, address)
	case isTagOrName(words):
	default:
		p.out.space()
		p.out.word("(" + address + ")")
	}
}

func (p *plain) image(a attributes) {
	address, instead := picture(a)
	if instead != "" {
		p.out.flow(instead)
		return
	}
	if p.link != nil && address != "" {
		p.link.image = address
	}
	p.media(address)
}

// media writes the address of a picture, film or sound on a line of its own.
func (p *plain) media(address string) {
	address, ok := mediaAddress(address)
	if !ok {
		return
	}
	p.out.breakLine(1)
	p.out.word(address)
	p.out.breakLine(1)
}
