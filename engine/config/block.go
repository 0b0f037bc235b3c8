package config

import "slices"

// maxIndents is how many indentations are tried for a block scalar that does not give its own.
const maxIndents = 32

// blockReaders returns the readings of a block scalar, one for each indentation it may have.
func blockReaders(s *source, literal bool, start place) []func(*writer) {
	header := s.line(start.line)
	header = header[min(start.column, len(header)):]
	chomp := rune(0)
	for _, r := range header {
		if r == '+' || r == '-' {
			chomp = r
		}
		if r == ' ' || r == '#' {
			break
		}
	}
	first := start.line + 1
	for s.line(first) != nil && len(trimSpaces(s.line(first))) == 0 {
		first++
	}
	most := len(s.line(first)) - len(trimSpaces(s.line(first)))
	var all []func(*writer)
	for indent := most; indent >= max(0, most-maxIndents); indent-- {
		b := block{s: s, line: start.line + 1, indent: indent, literal: literal, chomp: chomp}
		all = append(all, b.read)
	}
	return all
}

func trimSpaces(line []rune) []rune {
	i := slices.IndexFunc(line, func(r rune) bool { return r != ' ' })
	if i < 0 {
		return nil
	}
	return line[i:]
}

// block reads a literal or folded scalar the way YAML 1.1 has it.
type block struct {
	s       *source
	line    int
	indent  int
	literal bool
	chomp   rune
}

func (b block) read(w *writer) {
	var breaks []place // of the empty lines that are not written yet
	var last *place    // the end of the line before
	more := false      // the line before was indented further
	breaks, b.line = b.empty(b.line)
	for {
		line := b.s.line(b.line)
		if line == nil || len(line) <= b.indent || len(line)-len(trimSpaces(line)) < b.indent {
			break
		}
		text := line[b.indent:]
		deeper := text[0] == ' ' || text[0] == '\t'
		switch {
		case last == nil:
		case b.literal || more || deeper:
			w.put('\n', *last)
		case len(breaks) == 0:
			w.put(' ', *last)
		}
		for _, at := range breaks {
			w.put('\n', at)
		}
		more = deeper
		for i, r := range text {
			w.put(r, place{b.line, b.indent + i + 1})
		}
		last = &place{b.line, len(line) + 1}
		breaks, b.line = b.empty(b.line + 1)
	}
	if b.chomp != '-' && last != nil && (last.line < len(b.s.lines)) {
		w.put('\n', *last)
	}
	if b.chomp == '+' {
		for _, at := range breaks {
			w.put('\n', at)
		}
	}
}

// empty collects the empty lines from n on and returns the number of the first other line.
func (b block) empty(n int) ([]place, int) {
	var all []place
	for ; n < len(b.s.lines); n++ {
		line := b.s.line(n)
		if len(trimSpaces(line)) > 0 || len(line) > b.indent {
			break
		}
		all = append(all, place{n, 1})
	}
	return all, n
}
