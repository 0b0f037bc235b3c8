package text

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// link is an open a element.
type link struct {
	href string
	mark *mark
	// image is the address of an image within it.
	image string
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

// linkAddress returns what a person would write for a link; ok is false if it is no use outside its page.
func linkAddress(href string) (address string, ok bool) {
	address, ok = safeAddress(href, "http", "https", "mailto")
	if mail, found := strings.CutPrefix(address, "mailto:"); found {
		mail, _, _ = strings.Cut(mail, "?")
		return mail, strings.Contains(mail, "@")
	}
	return address, ok
}

// unbroken joins an address that was broken over lines, as browsers do.
var unbroken = strings.NewReplacer("\n", "", "\t", "")

// safeAddress returns an absolute address with one of the schemes, fit to stand in running text.
func safeAddress(s string, schemes ...string) (string, bool) {
	s = unbroken.Replace(strings.TrimSpace(s))
	u, err := url.Parse(s)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" && u.Scheme != "mailto" {
		return "", false
	}
	var b strings.Builder
	b.WriteString(u.Scheme)
	for _, r := range s[len(u.Scheme):] {
		if r <= ' ' || strings.ContainsRune("\"<>\\^`{|}", r) || !unicode.IsPrint(r) {
			b.WriteString(url.PathEscape(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String(), true
}

// sameAddress reports whether words are only another way to write the address: without its scheme, or shortened.
func sameAddress(words, address string) bool {
	if start, shortened := strings.CutSuffix(words, "…"); shortened && len(start) > 6 && strings.Contains(start, ".") {
		return strings.HasPrefix(bare(address), bare(start))
	}
	return bare(words) == bare(address)
}

func bare(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	for _, prefix := range []string{"https://", "http://", "mailto:", "www."} {
		address = strings.TrimPrefix(address, prefix)
	}
	return strings.TrimSuffix(address, "/")
}

// isTagOrName recognises a hashtag or a @name, whose link leads into another network.
func isTagOrName(words string) bool {
	return (words[0] == '#' || words[0] == '@') && !strings.ContainsFunc(words, isBlank)
}
