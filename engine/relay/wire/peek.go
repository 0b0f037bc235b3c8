package wire

import (
	"bytes"

	"github.com/nbd-wtf/go-nostr"
)

// Peek holds the fields that one pass over an EVENT message finds without copying. They are unverified: they only
// decide whether a message is dropped, and all others are parsed strictly. Its bytes belong to the buffer of the
// reader.
type Peek struct {
	// Sub is the id of the subscription and raw the whole event.
	Sub, Raw []byte
	// id, pubkey and sig are hex digits if the event is honest.
	ID, Pubkey, Sig []byte
	CreatedAt       int64
	Kind            int
	// Tags are the tags with a name of one letter and a value.
	Tags []PeekedTag
	// Event is set when the message had to be parsed strictly already.
	Event *nostr.Event

	data []byte
	// escape is the first backslash from some place on that was passed already.
	escape int
}

// PeekedTag is the name and the value of a tag.
type PeekedTag struct {
	Name  byte
	Value []byte
}

const eventHead = `["EVENT","`

// Read peeks at a message. False means that it is not an EVENT in the usual form; then the strict parser has to read
// it. Of a well-formed message of three elements each field has the value that the strict parser would read.
//
// Each step takes an index in the message and returns the index after what it has read. Unexpected input leads to the
// end of the message, where nothing more is found.
func (g *Peek) Read(data []byte) bool {
	if !begins(data, eventHead) {
		return false
	}
	g.data, g.escape, g.Event = data, -1, nil
	sub, at := g.text(len(eventHead) - 1)
	start := skip(data, past(data, at, ','))
	end := g.body(start, passContent)
	if end == len(data) {
		end = g.body(start, passText)
	}
	g.Sub, g.Raw = sub, data[start:end]
	at = skip(data, end)
	return at < len(data) && data[at] == ']' && skip(data, at+1) == len(data)
}

// body reads the seven fields of an event, each once, and passes over the content.
func (g *Peek) body(at int, pass func(data []byte, at int) int) int {
	data := g.data
	g.Tags = g.Tags[:0]
	at = past(data, at, '{')
	for seen := 0; ; {
		at = skip(data, at)
		rest := data[at:]
		if len(rest) < 2 {
			return len(data)
		}
		field := 0
		switch rest[1] {
		case 'i':
			if begins(rest, `"id"`) {
				field = 1 << 0
				g.ID, at = g.hex(value(data, at+4), 64)
			}
		case 'p':
			if begins(rest, `"pubkey"`) {
				field = 1 << 1
				g.Pubkey, at = g.hex(value(data, at+8), 64)
			}
		case 's':
			if begins(rest, `"sig"`) {
				field = 1 << 2
				g.Sig, at = g.hex(value(data, at+5), 128)
			}
		case 'k':
			if begins(rest, `"kind"`) {
				field = 1 << 3
				var kind int64
				kind, at = number(data, value(data, at+6))
				g.Kind = int(kind)
			}
		case 't':
			if begins(rest, `"tags"`) {
				field = 1 << 4
				at = g.readTags(value(data, at+6))
			}
		case 'c':
			if begins(rest, `"content"`) {
				field = 1 << 5
				at = pass(data, value(data, at+9))
			} else if begins(rest, `"created_at"`) {
				field = 1 << 6
				g.CreatedAt, at = number(data, value(data, at+12))
			}
		}
		if field == 0 || seen&field != 0 {
			return len(data)
		}
		seen |= field
		if at < len(data) && data[at] == ',' {
			at++
			continue
		}
		if seen == 1<<7-1 {
			return past(data, at, '}')
		}
		at = past(data, at, ',')
	}
}

func begins(b []byte, with string) bool { return len(b) >= len(with) && string(b[:len(with)]) == with }

// skip passes over white space.
func skip(data []byte, at int) int {
	for at < len(data) && data[at] <= ' ' {
		at++
	}
	return at
}

// past passes over one punctuation mark and the white space before it.
func past(data []byte, at int, mark byte) int {
	if at = skip(data, at); at < len(data) && data[at] == mark {
		return at + 1
	}
	return len(data)
}

// value passes over the colon behind a field's name, up to the value.
func value(data []byte, at int) int {
	if at+1 < len(data) && data[at] == ':' && data[at+1] > ' ' {
		return at + 1
	}
	return skip(data, past(data, at, ':'))
}

// hex reads a string of so many digits by its length alone: where it is anything else, the strict parser refuses the
// event.
func (g *Peek) hex(at, digits int) (text []byte, next int) {
	end := at + 1 + digits
	if end >= len(g.data) || g.data[at] != '"' || g.data[end] != '"' {
		return nil, len(g.data)
	}
	return g.data[at+1 : end], end + 1
}

func (g *Peek) readTags(at int) int {
	data := g.data
	at = skip(data, past(data, at, '['))
	if at < len(data) && data[at] == ']' {
		return at + 1
	}
	for at < len(data) {
		name, next := g.text(skip(data, past(data, at, '[')))
		at = skip(data, next)
		for first := true; at < len(data) && data[at] == ','; first = false {
			at = skip(data, at+1)
			if first && len(name) == 1 {
				var value []byte
				value, at = g.text(at)
				g.Tags = append(g.Tags, PeekedTag{name[0], value})
			} else {
				at = passText(data, at)
			}
			at = skip(data, at)
		}
		at = skip(data, past(data, at, ']'))
		if at == len(data) || data[at] != ',' {
			return past(data, at, ']')
		}
		at++
	}
	return len(data)
}

// text reads a string without escapes, whose bytes are its value.
func (g *Peek) text(at int) (value []byte, next int) {
	data := g.data
	if at >= len(data) || data[at] != '"' {
		return nil, len(data)
	}
	start := at + 1
	length := bytes.IndexByte(data[start:], '"')
	if length < 0 {
		return nil, len(data)
	}
	// One search for a backslash serves all texts before it.
	if g.escape < start {
		g.escape = bytes.IndexByte(data[start:], '\\') + start
		if g.escape < start {
			g.escape = len(data)
		}
	}
	end := start + length
	if g.escape < end {
		return nil, len(data)
	}
	return data[start:end], end + 1
}

const (
	behindContent   = `","created_at":`
	underscoreIndex = len(`","created`)
	// sigAtEnd stands before the signature that ends a message in the order of NIP-01.
	sigAtEnd = `","sig":"`
	endOfSig = `"}]`
)

// passContent skips the content by searching for the field that relays write after it, because a search through all its
// quotation marks would take long. In JSON, a quotation mark after a comma is never escaped, and a field name after it
// shows that it opens a string, so the string before it ends before the comma. Other fields in between are skipped too;
// when a known one is among them, body misses it, and Read tries again with passText.
func passContent(data []byte, at int) int {
	if at >= len(data) || data[at] != '"' {
		return len(data)
	}
	rest := data[at+1:]
	if end := bytes.IndexByte(rest, '"'); end <= 0 || rest[end-1] != '\\' {
		return passText(data, at)
	}
	if end := len(rest) - len(endOfSig) - 128 - len(sigAtEnd); end >= 0 && begins(rest[end:], sigAtEnd) &&
		string(rest[len(rest)-len(endOfSig):]) == endOfSig {
		return at + 1 + end + 1
	}
	// An underscore is rarer than any other letter of the name, so it is found fast.
	end := bytes.Index(rest, []byte(behindContent[underscoreIndex:])) - underscoreIndex
	if end >= 0 && begins(rest[end:], behindContent) {
		return at + 1 + end + 1
	}
	return passText(data, at)
}

// passText skips a string. A quotation mark after an odd number of backslashes does not end it.
func passText(data []byte, at int) int {
	if at >= len(data) || data[at] != '"' {
		return len(data)
	}
	start := at + 1
	for at = start; ; at++ {
		length := bytes.IndexByte(data[at:], '"')
		if length < 0 {
			return len(data)
		}
		at += length
		back := at
		for back > start && data[back-1] == '\\' {
			back--
		}
		if (at-back)%2 == 0 {
			return at + 1
		}
	}
}

// number reads a whole number that is not negative and far from overflowing.
func number(data []byte, at int) (n int64, next int) {
	start := at
	for ; at < len(data) && data[at]-'0' <= 9; at++ {
		n = n*10 + int64(data[at]-'0')
	}
	if digits := at - start; digits == 0 || digits >= 16 {
		return 0, len(data)
	}
	return n, at
}

// Fill takes the fields from an event that was parsed strictly.
func (g *Peek) Fill(sub, raw []byte, e *nostr.Event) {
	g.Sub, g.Raw, g.Event = sub, raw, e
	g.ID, g.Pubkey, g.Sig = []byte(e.ID), []byte(e.PubKey), []byte(e.Sig)
	g.CreatedAt, g.Kind = int64(e.CreatedAt), e.Kind
	g.Tags = g.Tags[:0]
	for _, tag := range e.Tags {
		if len(tag) > 1 && len(tag[0]) == 1 {
			g.Tags = append(g.Tags, PeekedTag{tag[0][0], []byte(tag[1])})
		}
	}
}

// ClaimedID returns the id that the event claims.
func (g *Peek) ClaimedID() (id EventID, ok bool) {
	ok = Unhex(id[:], g.ID)
	return id, ok
}

// ClaimedCopy returns the id and signature that the event claims.
func (g *Peek) ClaimedCopy() (k CopyKey, ok bool) {
	ok = Unhex(k.ID[:], g.ID) && Unhex(k.Sig[:], g.Sig)
	return k, ok
}
