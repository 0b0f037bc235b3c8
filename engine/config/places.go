package config

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// places knows where each character of a scalar's value stands in the source.
type places struct {
	start place
	runes []place
	// end is behind the last character.
	end place
}

// at returns the place of the character at offset, that behind the last one for any offset beyond.
func (p places) at(offset int) place {
	switch {
	case offset < 0 || len(p.runes) == 0:
		return p.start
	case offset >= len(p.runes):
		return p.end
	}
	return p.runes[offset]
}

// placesOf reads the scalar once more, as the YAML parser did, and notes the places. If what it reads is not what the
// parser read, all places are the scalar's start: a wrong caret is worse than a coarse one.
func placesOf(s *source, n *yaml.Node) places {
	start := skipProperties(s, placeOf(n))
	p := places{start: start, end: start}
	if n.Kind != yaml.ScalarNode {
		return p
	}
	for _, read := range readers(s, n, start) {
		w := &writer{}
		read(w)
		if string(w.text) == n.Value {
			p.runes = w.places
			if len(w.places) > 0 {
				p.end = w.places[len(w.places)-1]
				p.end.column++
			}
			return p
		}
	}
	return p
}

func readers(s *source, n *yaml.Node, start place) []func(*writer) {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return []func(*writer){func(w *writer) { (&flow{s: s, at: start, quote: '"'}).read(w, nil) }}
	case n.Style&yaml.SingleQuotedStyle != 0:
		return []func(*writer){func(w *writer) { (&flow{s: s, at: start, quote: '\''}).read(w, nil) }}
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return blockReaders(s, n.Style&yaml.LiteralStyle != 0, start)
	default:
		value := []rune(n.Value)
		return []func(*writer){func(w *writer) { (&flow{s: s, at: start}).read(w, value) }}
	}
}

// skipProperties goes past &anchor and !tag to the scalar itself.
func skipProperties(s *source, at place) place {
	for {
		line := s.line(at.line)
		switch {
		case line == nil:
			return at
		case at.column > len(line):
			if s.line(at.line+1) == nil {
				return at
			}
			at = place{at.line + 1, 1}
		case line[at.column-1] == ' ' || line[at.column-1] == '\t':
			at.column++
		case line[at.column-1] == '&' || line[at.column-1] == '!':
			for at.column <= len(line) && line[at.column-1] != ' ' && line[at.column-1] != '\t' {
				at.column++
			}
		default:
			return at
		}
	}
}

// writer collects characters with their places.
type writer struct {
	text   []rune
	places []place
}

func (w *writer) put(r rune, at place) {
	w.text = append(w.text, r)
	w.places = append(w.places, at)
}

// flow reads plain and quoted scalars, whose lines are folded.
type flow struct {
	s     *source
	at    place
	quote rune
}

// read stops at the closing quote, a plain scalar where want is complete.
func (f *flow) read(w *writer, want []rune) {
	if f.quote != 0 {
		f.at.column++
	}
	for f.quote != 0 || len(w.text) < len(want) {
		line := f.s.line(f.at.line)
		if line == nil {
			return
		}
		rest := line[min(f.at.column-1, len(line)):]
		switch {
		case blank(rest):
			if !f.fold(w) {
				return
			}
		case f.quote != 0 && rest[0] == f.quote:
			if f.quote == '"' || len(rest) < 2 || rest[1] != '\'' {
				return
			}
			w.put('\'', f.at)
			f.at.column += 2
		case f.quote == '"' && rest[0] == '\\':
			if !f.escape(w, rest) {
				return
			}
		default:
			w.put(rest[0], f.at)
			f.at.column++
		}
	}
}

// fold turns the end of a line into a space, or empty lines into newlines.
func (f *flow) fold(w *writer) bool {
	from := f.at
	line := f.at.line + 1
	for f.s.line(line) != nil && blank(f.s.line(line)) {
		line++
	}
	text := f.s.line(line)
	if text == nil {
		return false
	}
	if line == f.at.line+1 {
		w.put(' ', from)
	}
	for n := f.at.line + 1; n < line; n++ {
		w.put('\n', place{n, 1})
	}
	f.at = place{line, indentOf(text) + 1}
	return true
}

func blank(line []rune) bool {
	return !slices.ContainsFunc(line, func(r rune) bool { return r != ' ' && r != '\t' })
}

func indentOf(line []rune) int {
	n := slices.IndexFunc(line, func(r rune) bool { return r != ' ' && r != '\t' })
	return max(n, 0)
}

// escapes are the letters behind a backslash in double quotes, with what they stand for.
const escapes = "0\x00a\ab\bt\t\t\tn\nv\vf\fr\re\x1b  \"\"''//\\\\N\u0085_\u00a0L\u2028P\u2029"

func (f *flow) escape(w *writer, rest []rune) bool {
	if len(rest) == 1 || blank(rest[1:]) && rest[1] != ' ' && rest[1] != '\t' {
		// A backslash at the end of a line joins it with the next one.
		next := f.s.line(f.at.line + 1)
		if next == nil {
			return false
		}
		f.at = place{f.at.line + 1, indentOf(next) + 1}
		return true
	}
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[rest[1]]
	if digits > 0 {
		if len(rest) < 2+digits {
			return false
		}
		var r rune
		for _, d := range rest[2 : 2+digits] {
			v := strings.IndexRune("0123456789abcdef", lower(d))
			if v < 0 {
				return false
			}
			r = r<<4 | rune(v)
		}
		w.put(r, f.at)
		f.at.column += 2 + digits
		return true
	}
	table := []rune(escapes)
	for i := 0; i+1 < len(table); i += 2 {
		if table[i] == rest[1] {
			w.put(table[i+1], f.at)
			f.at.column += 2
			return true
		}
	}
	return false
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'F' {
		return r + 'a' - 'A'
	}
	return r
}
