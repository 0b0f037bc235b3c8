package feed

import (
	"bytes"
	"mime"
	"regexp"
	"strconv"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var declaredEncoding = regexp.MustCompile(`(?i)^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*["']([^"']*)["']`)

// readable turns a body into UTF-8. A byte order mark is believed first, then the charset of the Content-Type, then
// the prolog, as browsers and feed readers do; and none of them when the bytes say otherwise, because the
// commonest lie is an old label on text that has long been UTF-8, or the other way round.
func readable(body []byte, contentType string) []byte {
	if marked := withoutMark(body); marked != nil {
		return withoutDeclaration(marked)
	}
	body = bytes.TrimSpace(body)
	if decoded := wide(body); decoded != nil {
		return withoutDeclaration(decoded)
	}
	if utf8.Valid(body) && !bytes.Contains(body[:min(len(body), 4096)], []byte("\x1b$")) {
		return withoutDeclaration(body)
	}
	for _, label := range labels(body, contentType) {
		if decoded := decodeAs(label, body); decoded != nil {
			return withoutDeclaration(decoded)
		}
	}
	if hasWideRunes(body) {
		return withoutDeclaration(bytes.ToValidUTF8(body, []byte("\ufffd")))
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(body)
	if err != nil {
		return withoutDeclaration(bytes.ToValidUTF8(body, []byte("\ufffd")))
	}
	return withoutDeclaration(decoded)
}

// longestProlog is how far into a document its prolog is looked for.
const longestProlog = 1024

// withoutMark decodes what begins with a byte order mark, nil when there is none.
func withoutMark(body []byte) []byte {
	switch {
	case bytes.HasPrefix(body, []byte("\ufeff")):
		return bytes.ToValidUTF8(bytes.TrimSpace(body[3:]), []byte("\ufffd"))
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		return utf16(body, unicode.BigEndian)
	}
	return nil
}

// wide decodes UTF-16 that has no mark: every other byte of its first tag is 0.
func wide(body []byte) []byte {
	switch {
	case bytes.HasPrefix(body, []byte("<\x00")), bytes.HasPrefix(body, []byte("{\x00")):
		return utf16(body, unicode.LittleEndian)
	case bytes.HasPrefix(body, []byte("\x00<")), bytes.HasPrefix(body, []byte("\x00{")):
		return utf16(body, unicode.BigEndian)
	}
	return nil
}

func utf16(body []byte, order unicode.Endianness) []byte {
	decoded, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(body)
	if err != nil {
		return nil
	}
	return bytes.TrimSpace(decoded)
}

// labels are the encodings that the answer and the prolog name.
func labels(body []byte, contentType string) []string {
	var all []string
	if _, parameters, err := mime.ParseMediaType(contentType); err == nil && parameters["charset"] != "" {
		all = append(all, parameters["charset"])
	}
	if m := declaredEncoding.FindSubmatch(first(body, longestProlog)); m != nil {
		all = append(all, string(m[2]))
	}
	return all
}

// decodeAs returns nil if the label is unknown, or is one that the bytes do not bear out.
func decodeAs(label string, body []byte) []byte {
	encoding, name := charset.Lookup(label)
	if encoding == nil || name == "utf-8" || name == "replacement" || name == "utf-16le" || name == "utf-16be" {
		return nil
	}
	decoded, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return nil
	}
	return decoded
}

// hasWideRunes reports whether some of the bytes are UTF-8 beyond ASCII, so that the others are damage.
func hasWideRunes(body []byte) bool {
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if r != utf8.RuneError && size > 1 {
			return true
		}
		body = body[size:]
	}
	return false
}

// withoutDeclaration takes the encoding out of the prolog: the text is UTF-8 now.
func withoutDeclaration(body []byte) []byte {
	m := declaredEncoding.FindSubmatchIndex(first(body, longestProlog))
	if m == nil {
		return body
	}
	rest := body[m[1]:]
	return append(bytes.Clone(body[:m[3]]), rest...)
}

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
