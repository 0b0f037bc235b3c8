package relay

import "github.com/nbd-wtf/go-nostr"

// ParseFrame lets the black-box tests and fuzzers at the parser.
var ParseFrame = parseFrame

// ParseEvent likewise.
var ParseEvent = parseEvent

// ReadEvent reads the form of an event and does not check its id.
func ReadEvent(raw []byte) (*nostr.Event, bool) {
	e, err := readEvent(raw)
	return e, err == nil
}

// Parts returns what a frame holds.
func (f frame) Parts() (label, id string, ok bool, text string, event []byte) {
	return f.label, string(f.id), f.ok, string(f.text), f.event
}

// Glance returns what a glance at a frame sees, and whether it sees anything.
func Glance(data []byte) (string, bool) {
	var g glance
	plain := g.read(data)
	return g.String(), plain
}

// GlanceOf returns what a glance at an event must see.
func GlanceOf(sub string, e *nostr.Event) string {
	var g glance
	g.fill([]byte(sub), nil, e)
	return g.String()
}

// Glancer reads frames as a link does.
type Glancer struct{ g glance }

// Read reports whether a glance was enough.
func (r *Glancer) Read(data []byte) bool { return r.g.read(data) }

// Claimed returns the id that the last frame claims.
func (r *Glancer) Claimed() (id [32]byte, ok bool) { return r.g.claimed() }
