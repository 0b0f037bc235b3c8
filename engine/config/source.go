package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"rhea/engine"
)

// The caps on what is read. maxNodes is for one rule or test, and for all else together; what aliases add is counted apart.
const (
	maxFile  = 16 << 20
	maxMarks = 1 << 20
	maxLine  = 1 << 20
	maxNodes = 100_000
	maxDepth = 64
	// longestShown is the longest line of which something is shown.
	longestShown = 10_000
)

// source is one text with its lines, so that places in it can be shown.
type source struct {
	name  string
	lines [][]rune
	// secret holds the lines that are never shown.
	secret map[int]bool
}

// breaks are what YAML 1.1 takes for the end of a line, beside "\r\n".
const breaks = "\r\n\u0085\u2028\u2029"

// cutLine takes the first line off a text; more is true when there is another one.
func cutLine(text string) (line, rest string, more bool) {
	i := strings.IndexAny(text, breaks)
	if i < 0 {
		return text, "", false
	}
	line, rest = text[:i], text[i:]
	if after, ok := strings.CutPrefix(rest, "\r\n"); ok {
		return line, after, true
	}
	_, size := utf8.DecodeRuneInString(rest)
	return line, rest[size:], true
}

func newSource(name string, text string) *source {
	s := &source{name: name, secret: map[int]bool{}}
	for more := true; more; {
		var line string
		line, text, more = cutLine(text)
		s.lines = append(s.lines, []rune(line))
		if engine.Redact(line) != line {
			s.secret[len(s.lines)] = true
		}
	}
	return s
}

// line returns a line, counting from 1; nil beyond the text.
func (s *source) line(n int) []rune {
	if n < 1 || n > len(s.lines) {
		return nil
	}
	return s.lines[n-1]
}

// hide keeps the lines of a node from being shown.
func (s *source) hide(n *yaml.Node) {
	for i := range strings.Count(n.Value, "\n") + 2 {
		s.secret[n.Line+i] = true
	}
}

func (s *source) snippet(n int) string {
	if s.secret[n] || len(s.line(n)) > longestShown {
		return ""
	}
	return strings.TrimRight(string(s.line(n)), " \t")
}

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

// documentsOf returns the first two documents of a text.
func documentsOf(data []byte) (documents []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for len(documents) < 2 {
		var n yaml.Node
		if err := decoder.Decode(&n); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		documents = append(documents, &n)
	}
	return documents, nil
}

var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// syntax reports the errors of the YAML parser.
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
	at, hint := line, ""
	for n := max(1, line-1); n <= line+3 && hint == ""; n++ {
		if hint = flowHint(string(s.line(n))); hint != "" {
			at = n
		}
	}
	if tab := slices.Index(s.line(line)[:indentOf(s.line(line))], '\t'); tab >= 0 {
		r.fail(s, place{line, tab + 1}, "yaml-syntax", "this line is indented with a tab", "indent with spaces")
		return
	}
	message, other := plainSyntax(message)
	if hint == "" {
		hint = other
	}
	column := indentOf(s.line(at)) + 1
	if line := string(s.line(at)); hint != "" && hint == flowHint(line) {
		if i := flowTrap.FindStringIndex(line); i != nil {
			column = utf8.RuneCountInString(line[:i[0]]) + 1
		}
	}
	r.fail(s, place{at, column}, "yaml-syntax", message, hint)
}

// plainSyntax puts the most frequent messages into plainer words and adds what to do.
func plainSyntax(message string) (plain, hint string) {
	switch {
	case strings.Contains(message, "mapping values are not allowed"):
		return "there is a colon where YAML expects none", "quote a text that has \": \" in it, and check the indentation"
	case strings.Contains(message, "cannot start any token"):
		return "a value cannot begin with this character", "put the text in quotes"
	}
	for _, m := range [...]struct{ says, plain, hint string }{
		{"expected ',' or '}'", "a comma or } is missing here", "close what { began; quote a text with , : # { or } in it"},
		{"expected ',' or ']'", "a comma or ] is missing here", "close what [ began; quote a text with , : # [ or ] in it"},
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
	return message, "check the indentation and the quotes of this line and its neighbours"
}

var flowVariable = regexp.MustCompile(`[{,\[]\s*(?:[\w-]+:\s*)?(?:[^"'\s,\]}][^"',\]}]*)?\$\{`)

// flowTrap is what such a text stumbles over.
var flowTrap = regexp.MustCompile(`\$\{|#[\pL\pN_]`)

// flowHint recognises two mistakes inside { } and [ ] that the parser has no words for.
func flowHint(line string) string {
	switch {
	case flowVariable.MatchString(line):
		return `quote it: inside { } and [ ] a text with ${…} must stand in "quotes"`
	case hashtagComment.MatchString(line) && strings.ContainsAny(line, "{["):
		return "quote the text: YAML takes what follows \" #\" for a comment"
	}
	return ""
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0
}
