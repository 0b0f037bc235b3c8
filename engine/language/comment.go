package language

import (
	"go/ast"
	"strings"
	"unicode"
	"unicode/utf8"
)

// about returns the comment of a declaration, without its name in Go and the verb that follows: "the address of
// a feed".
func about(name string, group *ast.CommentGroup) string {
	doc := strings.Join(strings.Fields(group.Text()), " ")
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
