package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
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

// head returns the first n lines, text all of them with another one in the place of line n.
func (s *source) head(n int) string { return joinLines(s.lines[:n]) }

func (s *source) text(n int, line string) string {
	lines := slices.Clone(s.lines)
	lines[n-1] = []rune(line)
	return joinLines(lines)
}

func joinLines(lines [][]rune) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(string(line) + "\n")
	}
	return b.String()
}

// size is about how many characters there are.
func (s *source) size() (n int) {
	for _, line := range s.lines {
		n += len(line) + 1
	}
	return n
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

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0
}
