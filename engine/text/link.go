package text

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

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

// pattern compiles an expression when it is first needed: most bots need few of them, and none of them to start.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
