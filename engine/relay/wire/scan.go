package wire

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errMalformed = errors.New("malformed message")

// scanner reads JSON (RFC 8259) from untrusted bytes. It copies only the values that are asked for. After the first
// mistake every method does nothing, so it is enough to check err at the end.
type scanner struct {
	data  []byte
	pos   int
	depth int
	err   error
}

func (s *scanner) fail() { s.err = errMalformed }

// next returns the first byte of the next token without reading it, 0 at the end.
func (s *scanner) next() byte {
	if s.err != nil {
		return 0
	}
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// expect reads one punctuation mark.
func (s *scanner) expect(c byte) {
	if s.next() != c {
		s.fail()
		return
	}
	s.pos++
}

// more stands before each element of a list or object that ends with end, and reads the comma or the end.
func (s *scanner) more(first bool, end byte) bool {
	c := s.next()
	switch {
	case s.err != nil:
		return false
	case c == end:
		s.pos++
		return false
	case first:
		return true
	case c == ',':
		s.pos++
		if s.next() == end {
			s.fail()
		}
		return s.err == nil
	default:
		s.fail()
		return false
	}
}

// quoted reads a string and returns what stands between the quotes, and whether any of it is escaped.
func (s *scanner) quoted() (raw []byte, escaped bool) {
	s.expect('"')
	if s.err != nil {
		return nil, false
	}
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.data[start : s.pos-1], escaped
		case c == '\\':
			escaped = true
			if !s.escape() {
				s.fail()
				return nil, false
			}
		case c < ' ':
			s.fail()
			return nil, false
		default:
			s.pos++
		}
	}
	s.fail()
	return nil, false
}

// escape passes over one escape sequence.
func (s *scanner) escape() bool {
	s.pos++
	if s.pos >= len(s.data) {
		return false
	}
	c := s.data[s.pos]
	s.pos++
	if c == 'u' {
		_, ok := hex4(s.data[s.pos:])
		s.pos += 4
		return ok
	}
	return strings.IndexByte(`"\/bfnrt`, c) >= 0
}

// text reads a string and returns its value, which may share memory with the frame.
func (s *scanner) text() []byte {
	raw, escaped := s.quoted()
	if s.err != nil {
		return nil
	}
	if !utf8.Valid(raw) {
		s.fail()
		return nil
	}
	if !escaped {
		return raw
	}
	return unescape(raw)
}

// unescape returns the value of a string whose escape sequences are well-formed.
func unescape(raw []byte) []byte {
	value := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			value = append(value, raw[i])
			continue
		}
		i++
		switch raw[i] {
		case '"', '\\', '/':
			value = append(value, raw[i])
		case 'b':
			value = append(value, '\b')
		case 'f':
			value = append(value, '\f')
		case 'n':
			value = append(value, '\n')
		case 'r':
			value = append(value, '\r')
		case 't':
			value = append(value, '\t')
		case 'u':
			r, _ := hex4(raw[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				// A lone surrogate becomes U+FFFD, as everywhere in Go; the id of its event will not fit.
				var low rune
				if len(raw) > i+2 && raw[i+1] == '\\' && raw[i+2] == 'u' {
					low, _ = hex4(raw[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			value = utf8.AppendRune(value, r)
		}
	}
	return value
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		if c >= 'A' && c <= 'F' {
			c += 'a' - 'A'
		}
		n := nibble(c)
		if n < 0 {
			return 0, false
		}
		r = r<<4 | rune(n)
	}
	return r, true
}

// boolean reads true or false.
func (s *scanner) boolean() bool {
	if s.next() == 't' {
		s.word("true")
		return s.err == nil
	}
	s.word("false")
	return false
}

func (s *scanner) word(w string) {
	if s.err != nil || len(s.data)-s.pos < len(w) || string(s.data[s.pos:s.pos+len(w)]) != w {
		s.fail()
		return
	}
	s.pos += len(w)
}

// end reports a mistake when anything is left.
func (s *scanner) end() error {
	if s.next() != 0 || s.pos < len(s.data) {
		s.fail()
	}
	return s.err
}
