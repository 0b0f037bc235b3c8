package text

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

const (
	// maxBase and maxResolved keep a short page with a long address from growing without bound.
	maxBase     = 2048
	maxResolved = 10_000
)

// Resolve makes the links, images and media of document absolute, as seen from base. Everything else stays as it
// is. With a base that is no http or https address the document is returned as it is. At most 2 MiB are read.
func Resolve(document, base string) string {
	from, err := url.Parse(base)
	if err != nil || from.Scheme != "http" && from.Scheme != "https" || from.Host == "" || len(base) > maxBase {
		return document
	}
	var out bytes.Buffer
	z := html.NewTokenizer(strings.NewReader(clip(document, maxHTML)))
	for count := 0; ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String()
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken || count >= maxResolved {
			out.Write(z.Raw())
			continue
		}
		// Token reads the tag, after which its raw text is no longer to be trusted.
		raw := bytes.Clone(z.Raw())
		token := z.Token()
		if resolveAttributes(token.Attr, from) {
			out.WriteString(token.String())
			count++
		} else {
			out.Write(raw)
		}
	}
}

func resolveAttributes(attributes []html.Attribute, from *url.URL) (changed bool) {
	for i := range attributes {
		switch attributes[i].Key {
		case "href", "src", "poster", "data-src", "data-lazy-src":
		default:
			continue
		}
		to, err := url.Parse(strings.TrimSpace(attributes[i].Val))
		if err != nil || to.IsAbs() || strings.HasPrefix(strings.TrimSpace(attributes[i].Val), "#") {
			continue // A link within the page leads nowhere from a note.
		}
		attributes[i].Val = from.ResolveReference(to).String()
		changed = true
	}
	return changed
}
