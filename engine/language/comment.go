package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// comment returns what the comment of a type, field, method or function says of it, without its Go name and the
// verb that follows: "the address of a feed". It is "" when nothing is known.
func comment(source string) string {
	doc := docOf(source)
	name := source[strings.LastIndexByte(source, '.')+1:]
	rest, ok := strings.CutPrefix(doc, name+" ")
	if !ok {
		return doc
	}
	for _, verb := range []string{"is ", "are ", "returns "} {
		if said, ok := strings.CutPrefix(rest, verb); ok {
			return said
		}
	}
	return rest
}

// sentence writes a comment with a capital letter, and without the full stop when it is one sentence.
func sentence(doc string) string {
	r, size := utf8.DecodeRuneInString(doc)
	if doc == "" || strings.HasPrefix(doc, "unix") {
		return doc
	}
	doc = string(unicode.ToUpper(r)) + doc[size:]
	if !strings.Contains(doc, ". ") {
		doc = strings.TrimSuffix(doc, ".")
	}
	return doc
}
