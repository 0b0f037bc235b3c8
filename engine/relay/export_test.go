package relay

// ParseFrame lets the black-box tests and fuzzers at the parser.
var ParseFrame = parseFrame

// ParseEvent and PeekID likewise.
var ParseEvent = parseEvent

// PeekID returns the id that an event claims.
func PeekID(raw []byte) (id [32]byte, ok bool) {
	k, err := peekKey(raw)
	return k.id, err == nil
}

// Parts returns what a frame holds.
func (f frame) Parts() (label, id string, ok bool, text string, event []byte) {
	return f.label, string(f.id), f.ok, string(f.text), f.event
}
