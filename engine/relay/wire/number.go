package wire

import "strconv"

// integer reads a whole number without fraction or exponent.
func (s *scanner) integer() int64 {
	s.next()
	start := s.pos
	s.number()
	if s.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(s.data[start:s.pos]), 10, 64)
	if err != nil {
		s.fail()
	}
	return n
}

// number reads any number.
func (s *scanner) number() {
	if s.next() == '-' {
		s.pos++
	}
	if !s.literalOrZero() {
		return
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		s.digits()
	}
	if s.err == nil && s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		s.digits()
	}
}

func (s *scanner) literalOrZero() bool {
	if s.err == nil && s.pos < len(s.data) && s.data[s.pos] == '0' {
		s.pos++
		return true
	}
	s.digits()
	return s.err == nil
}

func (s *scanner) digits() {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == start {
		s.fail()
	}
}
