package config

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// parseYAML reads one document. It returns nil when there is nothing to go on with.
func parseYAML(r *report, name string, data []byte) (*source, *yaml.Node) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	s := newSource(name, string(data))
	start := place{1, 1}
	switch {
	case len(data) > maxFile:
		r.fail(s, start, "too-large", fmt.Sprintf("the file is larger than %d MiB", maxFile>>20), "split it into several files")
		return s, nil
	case !utf8.Valid(data):
		for i, line := range bytes.Split(data, []byte("\n")) {
			if !utf8.Valid(line) {
				start.line = i + 1
				break
			}
		}
		r.fail(s, start, "encoding", "this line is not valid UTF-8", "save the file as UTF-8")
		return s, nil
	}
	if line := slices.IndexFunc(s.lines, func(line []rune) bool { return len(line) > maxLine }); line >= 0 {
		r.fail(s, place{line + 1, 1}, "too-large", fmt.Sprintf("this line has more than %d characters", maxLine), "break it")
		return s, nil
	}
	if marks(data) > maxMarks {
		r.fail(s, start, "too-large", fmt.Sprintf("the file has more than %d lines, commas and brackets", maxMarks), "split it into several files")
		return s, nil
	}
	documents, err := documentsOf(data)
	if err != nil {
		r.syntax(s, err)
		return s, nil
	}
	switch {
	case len(documents) == 0 || len(documents[0].Content) == 0 || isNull(documents[0].Content[0]):
		r.fail(s, start, "empty", "there is nothing in this file", "begin with: version: 1")
		return s, nil
	case len(documents) > 1:
		r.fail(s, placeOf(documents[1]), "yaml-documents", "a second document begins here", "put it into a file of its own")
	}
	return s, documents[0].Content[0]
}

// marks bounds how many values a text may hold, before the parser spends time and memory on each: every one but those of
// the same line has a mark of its own.
func marks(data []byte) (n int) {
	for _, mark := range []string{"\n", ",", "[", "{"} {
		n += bytes.Count(data, []byte(mark))
	}
	return n
}

var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// syntax reports the errors of the YAML parser, which names the line where something began more often than the one where
// it went wrong.
func (r *report) syntax(s *source, err error) {
	line, message := 1, err.Error()
	if m := yamlError.FindStringSubmatch(message); m != nil {
		message = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	line = min(max(line, 1), len(s.lines))
	// The parser counts some of its lines from 0: the line it means is the one with something on it.
	for line < len(s.lines) && strings.TrimSpace(string(s.line(line))) == "" {
		line++
	}
	for _, find := range []func(*source, string, int, error) (syntaxFault, bool){tabbed, trapped, unfitting, nested, escaped, unquoted} {
		if f, ok := find(s, message, line, err); ok {
			r.fail(s, f.at, "yaml-syntax", f.message, f.hint)
			return
		}
	}
	message, hint := plainSyntax(message)
	r.fail(s, place{line, indentOf(s.line(line)) + 1}, "yaml-syntax", message, hint)
}

// syntaxFault is a mistake in YAML itself.
type syntaxFault struct {
	at            place
	message, hint string
}

// tabbed finds a line that is indented with a tab.
func tabbed(s *source, _ string, line int, _ error) (syntaxFault, bool) {
	tab := slices.Index(s.line(line)[:indentOf(s.line(line))], '\t')
	return syntaxFault{place{line, tab + 1}, "this line is indented with a tab", "indent with spaces"}, tab >= 0
}

var flowVariable = regexp.MustCompile(`[{,\[]\s*(?:[\w-]+:\s*)?(?:[^"'\s,\]}][^"',\]}]*)?\$\{`)

// flowTrap is what such a text stumbles over.
var flowTrap = regexp.MustCompile(`\$\{|#[\pL\pN_]`)

// trapped recognises two mistakes inside { } and [ ] that the parser has no words for.
func trapped(s *source, message string, line int, _ error) (syntaxFault, bool) {
	for n := max(1, line-1); n <= line+3; n++ {
		text := string(s.line(n))
		hint := flowHint(text)
		if hint == "" {
			continue
		}
		at := place{n, indentOf(s.line(n)) + 1}
		if i := flowTrap.FindStringIndex(text); i != nil {
			at.column = utf8.RuneCountInString(text[:i[0]]) + 1
		}
		plain, _ := plainSyntax(message)
		return syntaxFault{at, plain, hint}, true
	}
	return syntaxFault{}, false
}

func flowHint(line string) string {
	switch {
	case flowVariable.MatchString(line):
		return `quote it: inside { } and [ ] a text with ${…} must stand in "quotes"`
	case hashtagComment.MatchString(line) && strings.ContainsAny(line, "{["):
		return "quote the text: YAML takes what follows \" #\" for a comment"
	}
	return ""
}

// The caps on what is parsed again to find a place: a file of some thousand rules, and what a few lines hold.
const (
	maxAgain = 1 << 20
	maxTexts = 30
)

// plainText is a text without quotes inside { } or [ ].
var plainText = regexp.MustCompile(`(?:[{\[,]\s*|^\s*)(?:[\w#.-]+:\s+)?([^"'\s{}\[\],][^{}\[\],]*)`)

// quotedValue is a key before a text that begins with a quote, and goes on behind the other one.
var quotedValue = regexp.MustCompile(`^[\w#.-]+:\s+["']`)

// lineIn returns the line of an error of the YAML parser; far beyond the last one for no error.
func lineIn(err error) int {
	if err == nil {
		return maxFile
	}
	line := 0
	if m := yamlError.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	return line
}

// unquoted finds the text inside { } or [ ] that has to be quoted: the one with which in quotes the error is gone.
func unquoted(s *source, message string, line int, err error) (syntaxFault, bool) {
	inFlow := slices.ContainsFunc([]string{"expected ',' or", "cannot start any token", "expected node content", "undefined tag"},
		func(says string) bool { return strings.Contains(message, says) })
	tried := 0
	for n := line; n <= line+8 && inFlow && s.size() <= maxAgain; n++ {
		text := string(s.line(n))
		for _, m := range plainText.FindAllStringSubmatchIndex(text, -1) {
			value := strings.TrimRight(text[m[2]:m[3]], " \t")
			if key := quotedValue.FindString(value); key != "" {
				m[2], value = m[2]+len(key)-1, value[len(key)-1:]
			}
			if strings.HasSuffix(value, ":") {
				continue // That is a key.
			}
			if tried++; tried > maxTexts {
				return syntaxFault{}, false
			}
			_, again := documentsOf([]byte(s.text(n, text[:m[2]]+`"x"`+text[m[2]+len(value):])))
			if lineIn(again) <= lineIn(err) {
				continue
			}
			return syntaxFault{
				place{n, utf8.RuneCountInString(text[:m[2]]) + 1}, "YAML does not take this for one text",
				"put it in quotes: " + quote(value),
			}, true
		}
	}
	return syntaxFault{}, false
}

// unfitting finds the line at which a map or a list ends that goes on below: the first one up to which the error is there.
func unfitting(s *source, message string, _ int, err error) (syntaxFault, bool) {
	if !strings.Contains(message, "did not find expected key") && !strings.Contains(message, "expected '-' indicator") || s.size() > maxAgain {
		return syntaxFault{}, false
	}
	n := 1 + sort.Search(len(s.lines), func(i int) bool {
		_, again := documentsOf([]byte(s.head(i + 1)))
		return again != nil && again.Error() == err.Error()
	})
	if n > len(s.lines) {
		return syntaxFault{}, false
	}
	hint := "the keys of one map, and the dashes of one list, stand below each other"
	if spaces, like, ok := s.indentLike(n); ok {
		hint = "write " + strconv.Itoa(spaces) + " spaces before it, as for line " + strconv.Itoa(like)
	}
	return syntaxFault{place{n, indentOf(s.line(n)) + 1}, "this line is not in line with those above it", hint}, true
}

// indentLike returns the indentation that a line was probably meant to have, and an earlier line that has it.
func (s *source) indentLike(n int) (spaces, like int, ok bool) {
	is, dash := indentOf(s.line(n)), isDash(s.line(n))
	open, off := 1<<20, 1<<20
	for i := n - 1; i > 0; i-- {
		line := s.line(i)
		if blank(line) || line[indentOf(line)] == '#' || indentOf(line) >= open {
			continue
		}
		open = indentOf(line)
		for _, at := range []int{open, open + 2} {
			if isDash(line) == (dash == (at == open)) && (at == open || isDash(line)) && max(at-is, is-at) < off {
				spaces, like, ok, off = at, i, true, max(at-is, is-at)
			}
		}
	}
	return spaces, like, ok && spaces != is
}

func isDash(line []rune) bool {
	rest := line[indentOf(line):]
	return len(rest) > 0 && rest[0] == '-' && (len(rest) == 1 || rest[1] == ' ')
}

var (
	twoColons = regexp.MustCompile(`^\s*(?:- )?[\w-]+: [\w-]+:(?: |$)`)
	oneKey    = regexp.MustCompile(`^\s*(?:- )?[\w-]+$`)
	keyValue  = regexp.MustCompile(`^\s*(?:- )?[\w-]+: +[^|>&*!]`)
)

// nested finds out why there is a colon where none can be.
func nested(s *source, message string, line int, _ error) (syntaxFault, bool) {
	if !strings.Contains(message, "mapping values are not allowed") {
		return syntaxFault{}, false
	}
	above := line - 1
	for above > 1 && blank(s.line(above)) {
		above--
	}
	text, before := s.line(line), s.line(above)
	at := place{line, indentOf(text) + 1}
	switch deeper := indentOf(text) > indentOf(before); {
	case twoColons.MatchString(string(text)):
		return syntaxFault{at, "there are two colons in one line", "quote a text that has \": \" in it, or put a second key in { } or on a line of its own"}, true
	case deeper && oneKey.MatchString(string(before)) && !s.inBlock(above):
		return syntaxFault{
			place{above, indentOf(before) + 1}, "this key has no colon", "write " + strings.TrimLeft(string(before), " -") + ":",
		}, true
	case deeper && keyValue.MatchString(string(before)):
		spaces := indentOf(before)
		if isDash(before) {
			spaces += 2
		}
		return syntaxFault{
			at, "this line is indented further than the one above, which has a value already", "write " + strconv.Itoa(spaces) + " spaces before it",
		}, true
	}
	return syntaxFault{}, false
}

// inBlock reports whether the line above begins a text of several lines.
func (s *source) inBlock(n int) bool {
	return strings.ContainsAny(string(s.line(n-1)), "|>")
}

// strangeEscape is a backslash that means nothing in double quotes.
var strangeEscape = regexp.MustCompile(`\\([^0abt\tnvfre "/\\N_LPxuU])`)

// escaped finds a backslash in double quotes that YAML does not know.
func escaped(s *source, message string, line int, _ error) (syntaxFault, bool) {
	if !strings.Contains(message, "unknown escape character") {
		return syntaxFault{}, false
	}
	text := strings.ReplaceAll(string(s.line(line)), `\\`, "  ")
	m := strangeEscape.FindStringIndex(text)
	if m == nil {
		return syntaxFault{}, false
	}
	return syntaxFault{
		place{line, utf8.RuneCountInString(text[:m[0]]) + 1}, "in double quotes YAML knows no " + text[m[0]:m[1]],
		"take single quotes around the whole value, or none, or write \\\\ for each backslash",
	}, true
}

// plainSyntax puts the most frequent messages into plainer words and adds what to do.
func plainSyntax(message string) (plain, hint string) {
	for _, m := range [...]struct{ says, plain, hint string }{
		{"mapping values are not allowed", "there is a colon where YAML expects none", "quote a text that has \": \" in it, and check the indentation"},
		{"cannot start any token", "a value cannot begin with this character", "put the text in quotes"},
		{"expected ',' or '}'", "a comma or } is missing here", "close what { began; quote a text with , : # ? { or } in it"},
		{"expected ',' or ']'", "a comma or ] is missing here", "close what [ began; quote a text with , : # ? [ or ] in it"},
		{"could not find expected ':'", "a key has no colon here", "write key: value, and quote a text of several lines"},
		{"did not find expected key", "the map around here ends at a line that does not fit into it", "check the indentation: the keys of one map stand below each other"},
		{"did not find expected '-' indicator", "the list around here ends at a line that does not fit into it", "check the indentation: the dashes of one list stand below each other"},
		{"found unexpected end of stream", "a quote is not closed", "close it, or double it within a text"},
		{"found undefined tag", "an unquoted text cannot begin with !", "put the text in quotes"},
		{"alphabetic or numeric character", "an unquoted text cannot begin with * or &", "put the text in quotes"},
		{"unknown anchor", "an unquoted text cannot begin with *", "put the text in quotes, or define the anchor with &"},
	} {
		if strings.Contains(message, m.says) {
			return m.plain, m.hint
		}
	}
	return "this is not YAML", "check the indentation and the quotes of this line and its neighbours"
}
