package relay

import (
	"bytes"
	"encoding/hex"

	"github.com/nbd-wtf/go-nostr"
)

// glance is what one pass over an EVENT message finds without copying and without believing any of it. It decides
// what may be dropped unread; whatever is to be kept is parsed strictly. Its bytes belong to the reader's buffer.
type glance struct {
	// sub is the id of the subscription and raw the whole event.
	sub, raw []byte
	// id, pubkey and sig are hex digits if the event is honest.
	id, pubkey, sig []byte
	createdAt       int64
	kind            int
	// tags are the tags with a name of one letter and a value.
	tags []glancedTag
	// event is set when the message had to be parsed strictly already.
	event *nostr.Event

	data []byte
	pos  int
}

type glancedTag struct {
	name  byte
	value []byte
}

const eventHead = `["EVENT","`

// read glances at a message. False means that it is not an EVENT in the plain form that relays write; then only the
// strict parser can tell what it is. Of a well-formed message every field is read as the strict parser reads it.
func (g *glance) read(data []byte) bool {
	if len(data) < len(eventHead) || string(data[:len(eventHead)]) != eventHead {
		return false
	}
	g.data, g.pos, g.event = data, len(eventHead)-1, nil
	sub, plain := g.text()
	if !plain || !g.mark(',') {
		return false
	}
	g.skip()
	start := g.pos
	if !g.body() {
		return false
	}
	g.sub, g.raw = sub, data[start:g.pos]
	if !g.mark(']') {
		return false
	}
	g.skip()
	return g.pos == len(data)
}

// body reads the seven fields of an event, each once and nothing else.
func (g *glance) body() bool {
	g.tags = g.tags[:0]
	if !g.mark('{') {
		return false
	}
	for seen := 0; ; {
		g.skip()
		var field int
		var ok bool
		switch rest := g.data[g.pos:]; {
		case begins(rest, `"id"`):
			field = 1 << 0
			ok = g.name(4) && g.hex(&g.id, 64)
		case begins(rest, `"pubkey"`):
			field = 1 << 1
			ok = g.name(8) && g.hex(&g.pubkey, 64)
		case begins(rest, `"created_at"`):
			field = 1 << 2
			ok = g.name(12) && g.number(&g.createdAt)
		case begins(rest, `"kind"`):
			field = 1 << 3
			var kind int64
			ok = g.name(6) && g.number(&kind)
			g.kind = int(kind)
		case begins(rest, `"tags"`):
			field = 1 << 4
			ok = g.name(6) && g.readTags()
		case begins(rest, `"content"`):
			field = 1 << 5
			ok = g.name(9) && g.passText()
		case begins(rest, `"sig"`):
			field = 1 << 6
			ok = g.name(5) && g.hex(&g.sig, 128)
		}
		if !ok || seen&field != 0 {
			return false
		}
		seen |= field
		if g.mark(',') {
			continue
		}
		return seen == 1<<7-1 && g.mark('}')
	}
}

func begins(b []byte, with string) bool { return len(b) >= len(with) && string(b[:len(with)]) == with }

// name passes over a field's name and its colon.
func (g *glance) name(length int) bool {
	g.pos += length
	if !g.mark(':') {
		return false
	}
	g.skip()
	return true
}

// hex reads a string of so many digits by its length alone: where it is anything else, the strict parser refuses the
// event.
func (g *glance) hex(into *[]byte, digits int) bool {
	end := g.pos + 1 + digits
	if end >= len(g.data) || g.data[g.pos] != '"' || g.data[end] != '"' {
		return false
	}
	*into = g.data[g.pos+1 : end]
	g.pos = end + 1
	return true
}

func (g *glance) readTags() bool {
	if !g.mark('[') {
		return false
	}
	if g.mark(']') {
		return true
	}
	for {
		g.skip()
		if !g.mark('[') {
			return false
		}
		g.skip()
		name, plain := g.text()
		if !plain {
			return false
		}
		for first := true; g.mark(','); first = false {
			g.skip()
			if !first || len(name) != 1 {
				if !g.passText() {
					return false
				}
				continue
			}
			value, plain := g.text()
			if !plain {
				return false
			}
			g.tags = append(g.tags, glancedTag{name[0], value})
		}
		if !g.mark(']') {
			return false
		}
		if g.mark(',') {
			continue
		}
		return g.mark(']')
	}
}

// skip passes over white space.
func (g *glance) skip() {
	for g.pos < len(g.data) && g.data[g.pos] <= ' ' {
		g.pos++
	}
}

// mark reads one punctuation mark, if it is next.
func (g *glance) mark(c byte) bool {
	if g.pos < len(g.data) && g.data[g.pos] == c {
		g.pos++
		return true
	}
	g.skip()
	if g.pos < len(g.data) && g.data[g.pos] == c {
		g.pos++
		return true
	}
	return false
}

// text reads a string; plain says that it has no escapes, so that its bytes are its value.
func (g *glance) text() (value []byte, plain bool) {
	if g.pos >= len(g.data) || g.data[g.pos] != '"' {
		return nil, false
	}
	rest := g.data[g.pos+1:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
		return nil, false
	}
	g.pos += end + 2
	return rest[:end], true
}

// passText passes over a string. A quotation mark after an odd number of backslashes does not end it.
func (g *glance) passText() bool {
	if g.pos >= len(g.data) || g.data[g.pos] != '"' {
		return false
	}
	start := g.pos + 1
	for at := start; ; {
		end := bytes.IndexByte(g.data[at:], '"')
		if end < 0 {
			return false
		}
		at += end
		back := at
		for back > start && g.data[back-1] == '\\' {
			back--
		}
		if (at-back)%2 == 0 {
			g.pos = at + 1
			return true
		}
		at++
	}
}

// number reads a whole number that is not negative and far from overflowing.
func (g *glance) number(into *int64) bool {
	start, n := g.pos, int64(0)
	for g.pos < len(g.data) && g.data[g.pos] >= '0' && g.data[g.pos] <= '9' {
		n = n*10 + int64(g.data[g.pos]-'0')
		g.pos++
	}
	*into = n
	digits := g.pos - start
	return digits > 0 && digits < 16
}

// fill takes the fields from an event that was parsed strictly.
func (g *glance) fill(sub, raw []byte, e *nostr.Event) {
	g.sub, g.raw, g.event = sub, raw, e
	g.id, g.pubkey, g.sig = []byte(e.ID), []byte(e.PubKey), []byte(e.Sig)
	g.createdAt, g.kind = int64(e.CreatedAt), e.Kind
	g.tags = g.tags[:0]
	for _, tag := range e.Tags {
		if len(tag) > 1 && len(tag[0]) == 1 {
			g.tags = append(g.tags, glancedTag{tag[0][0], []byte(tag[1])})
		}
	}
}

// claimed returns the id that the event claims.
func (g *glance) claimed() (id eventID, ok bool) {
	ok = unhex(id[:], g.id)
	return id, ok
}

// key returns the id and signature that the event claims.
func (g *glance) key() (k copyKey, ok bool) {
	ok = unhex(k.id[:], g.id) && unhex(k.sig[:], g.sig)
	return k, ok
}

// unhex reads hex digits into bytes that they must fill. Upper-case digits pass: the strict parser refuses them.
func unhex(into, digits []byte) bool {
	if len(digits) != 2*len(into) {
		return false
	}
	_, err := hex.Decode(into, digits)
	return err == nil
}
