package relay

// frame is one message of a relay (NIP-01, NIP-42, NIP-67). Its bytes belong to the reader's buffer.
type frame struct {
	// label is one of those below, or "" for a message that means nothing to us.
	label string
	// id is a subscription's id, or an event's for OK.
	id []byte
	// ok is the verdict of OK.
	ok bool
	// text is the reason of OK and CLOSED, the text of NOTICE, the challenge of AUTH, the hint of EOSE.
	text []byte
	// event is the unread body of EVENT.
	event []byte
}

const (
	labelEvent  = "EVENT"
	labelOK     = "OK"
	labelEOSE   = "EOSE"
	labelClosed = "CLOSED"
	labelNotice = "NOTICE"
	labelAuth   = "AUTH"
)

// label avoids a copy of the text.
func label(text []byte) string {
	switch string(text) {
	case labelEvent:
		return labelEvent
	case labelOK:
		return labelOK
	case labelEOSE:
		return labelEOSE
	case labelClosed:
		return labelClosed
	case labelNotice:
		return labelNotice
	case labelAuth:
		return labelAuth
	default:
		return ""
	}
}

// parseFrame reads a message of a relay. Elements that are missing at the end of OK and CLOSED, or that a later
// version of a message adds, are no mistake.
func parseFrame(data []byte) (frame, error) {
	s := &scanner{data: data}
	s.expect('[')
	l := list{s: s}
	f := frame{label: label(l.text())}
	switch f.label {
	case labelEvent:
		f.id = l.text()
		f.event = l.object()
	case labelOK:
		f.id = l.text()
		f.ok = l.boolean()
		f.text = l.optional()
	case labelClosed:
		f.id = l.text()
		f.text = l.optional()
	case labelEOSE:
		f.id = l.text()
		f.text = l.hint()
	case labelNotice, labelAuth:
		f.text = l.text()
	}
	for l.next() {
		s.value()
	}
	if err := s.end(); err != nil {
		return frame{}, err
	}
	return f, nil
}

// list walks over the elements of a list whose bracket has been read.
type list struct {
	s            *scanner
	begun, ended bool
}

func (l *list) next() bool {
	if l.ended {
		return false
	}
	l.ended = !l.s.more(!l.begun, ']')
	l.begun = true
	return !l.ended
}

func (l *list) need() {
	if !l.next() {
		l.s.fail()
	}
}

func (l *list) text() []byte {
	l.need()
	return l.s.text()
}

func (l *list) boolean() bool {
	l.need()
	return l.s.boolean()
}

func (l *list) object() []byte {
	l.need()
	if l.s.next() != '{' {
		l.s.fail()
	}
	return l.s.value()
}

// optional reads a text that may be missing or something else.
func (l *list) optional() []byte {
	if !l.next() {
		return nil
	}
	if l.s.next() == '"' {
		return l.s.text()
	}
	l.s.value()
	return nil
}

// hint reads what NIP-67 adds to EOSE: a text or a list of texts, of which the first counts.
func (l *list) hint() []byte {
	if !l.next() {
		return nil
	}
	if l.s.next() != '[' {
		if l.s.next() == '"' {
			return l.s.text()
		}
		l.s.value()
		return nil
	}
	var first []byte
	l.s.expect('[')
	inner := list{s: l.s}
	for inner.next() {
		if first == nil && l.s.next() == '"' {
			first = l.s.text()
			continue
		}
		l.s.value()
	}
	return first
}
