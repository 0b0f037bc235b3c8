package feed

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// sanitizeXML repairs what makes an XML parser give up and a feed reader shrug: characters that XML forbids, raw or as
// references such as &#0;, and text before the first tag. What is sound is returned as it is, without a copy.
func sanitizeXML(body []byte) []byte {
	if i := bytes.IndexByte(body, '<'); i > 0 && body[0] != '{' {
		body = body[i:]
	}
	at := nextForbidden(body)
	if at < 0 {
		return body
	}
	mended := make([]byte, 0, len(body))
	for at >= 0 {
		mended = append(mended, body[:at]...)
		body = body[at+forbidden(body[at:]):]
		at = nextForbidden(body)
	}
	return append(mended, body...)
}

// nextForbidden returns where the next forbidden character is, -1 if there is none.
func nextForbidden(body []byte) int {
	for i := range body {
		switch b := body[i]; {
		case b < 0x20 && b != '\t' && b != '\n' && b != '\r', b == '&' && i+1 < len(body) && body[i+1] == '#', b == 0xef:
			if forbidden(body[i:]) > 0 {
				return i
			}
		}
	}
	return -1
}

// longestReference bounds how far a reference is looked for: &#x10FFFF; with some zeros.
const longestReference = 16

// forbidden returns how long the forbidden character at the beginning of text is, 0 if it is none (XML 1.0, 2.2).
func forbidden(text []byte) int {
	if text[0] != '&' {
		if r, size := utf8.DecodeRune(text); !isXML(r) {
			return size
		}
		return 0
	}
	end := bytes.IndexByte(text[:min(len(text), longestReference)], ';')
	if end < 3 {
		return 0
	}
	digits, base := text[2:end], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n <= utf8.MaxRune && isXML(rune(n)) {
		return 0
	}
	return end + 1
}

func isXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd ||
		0x10000 <= r && r <= utf8.MaxRune
}

// whole cuts a document that ends in the middle behind its last complete item and closes it, so that what is there can
// be read; nil if there is none.
func whole(body []byte) []byte {
	for _, form := range []struct{ last, end string }{
		{"</item>", "</channel></rss>"}, {"</entry>", "</feed>"},
	} {
		at := bytes.LastIndex(body, []byte(form.last))
		if at < 0 {
			continue
		}
		end := form.end
		if bytes.Contains(body[:min(len(body), 1024)], []byte("<rdf:RDF")) {
			end = "</rdf:RDF>"
		}
		return append(bytes.Clone(body[:at+len(form.last)]), end...)
	}
	return nil
}

// wrapped finds a feed that begins late in the document: within a web page, or behind a very long comment.
func wrapped(body []byte) []byte {
	for _, root := range []string{"<rss ", "<rss>", "<feed ", "<rdf:RDF "} {
		if at := bytes.Index(body, []byte(root)); at > 0 {
			return body[at:]
		}
	}
	return nil
}
