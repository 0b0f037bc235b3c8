//go:build libsecp256k1

package relay

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// authors checks signatures with the C library, which go-nostr brings under the same build tag.
type authors struct{}

func newAuthors() *authors { return &authors{} }

// signed reports whether the author of an event has signed it.
func (*authors) signed(e *nostr.Event, _ wire.CopyKey) bool {
	ok, err := e.CheckSignature()
	return err == nil && ok
}
