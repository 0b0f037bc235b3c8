package wire

// maxDepth is how deep the values of a frame may nest; an event needs four levels.
const maxDepth = 16

// value reads any value and returns its bytes.
func (s *scanner) value() []byte {
	c := s.next()
	start := s.pos
	switch c {
	case '"':
		s.quoted()
	case '{', '[':
		s.nested(c)
	case 't', 'f':
		s.boolean()
	case 'n':
		s.word("null")
	default:
		s.number()
	}
	if s.err != nil {
		return nil
	}
	return s.data[start:s.pos]
}

func (s *scanner) nested(open byte) {
	s.depth++
	defer func() { s.depth-- }()
	if s.depth > maxDepth {
		s.fail()
		return
	}
	end := open + 2 // ']' follows '[' and '}' follows '{' with one between
	s.pos++
	for first := true; s.more(first, end); first = false {
		if open == '{' {
			s.quoted()
			s.expect(':')
		}
		s.value()
	}
}
