package wire

// Frame is one message of a relay (NIP-01, NIP-42, NIP-67). Its bytes belong to the buffer of the reader.
type Frame struct {
	// Label is one of those below, or "" for an unknown message.
	Label string
	// ID is the id of a subscription, or of an event for OK.
	ID []byte
	// OK is the verdict of OK.
	OK bool
	// Text is the reason of OK and CLOSED, the text of NOTICE, the challenge of AUTH, the hint of EOSE.
	Text []byte
	// Event is the unparsed body of EVENT.
	Event []byte
}

// The labels of known messages.
const (
	LabelEvent  = "EVENT"
	LabelOK     = "OK"
	LabelEOSE   = "EOSE"
	LabelClosed = "CLOSED"
	LabelNotice = "NOTICE"
	LabelAuth   = "AUTH"
)

// label avoids a copy of the text.
func label(text []byte) string {
	switch string(text) {
	case LabelEvent:
		return LabelEvent
	case LabelOK:
		return LabelOK
	case LabelEOSE:
		return LabelEOSE
	case LabelClosed:
		return LabelClosed
	case LabelNotice:
		return LabelNotice
	case LabelAuth:
		return LabelAuth
	default:
		return ""
	}
}

// ParseFrame parses a message of a relay. Missing elements at the end of OK and CLOSED, and additional elements, are
// accepted.
func ParseFrame(data []byte) (Frame, error) {
	s := &scanner{data: data}
	s.expect('[')
	l := list{s: s}
	f := Frame{Label: label(l.text())}
	switch f.Label {
	case LabelEvent:
		f.ID = l.text()
		f.Event = l.object()
	case LabelOK:
		f.ID = l.text()
		f.OK = l.boolean()
		f.Text = l.optional()
	case LabelClosed:
		f.ID = l.text()
		f.Text = l.optional()
	case LabelEOSE:
		f.ID = l.text()
		f.Text = l.hint()
	case LabelNotice, LabelAuth:
		f.Text = l.text()
	}
	for l.next() {
		s.value()
	}
	if err := s.end(); err != nil {
		return Frame{}, err
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
