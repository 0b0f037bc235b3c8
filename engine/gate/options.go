package gate

import (
	"context"
	"log/slog"

	"rhea/engine"
)

// Options are what the gates of a bot may ask. All are required but Source.
type Options struct {
	Rules      []engine.Rule
	Identities Identities
	Ledger     engine.Ledger
	Source     engine.Source
	Clock      engine.Clock
	Log        *slog.Logger
}

// Identities knows who is one of us.
type Identities interface {
	// Named returns the identity that the configuration calls so.
	Named(name string) (engine.Identity, bool)
	// Below returns the identity at a path below one of the configuration.
	Below(base, path string) (engine.Identity, error)
	// Find returns the identity with a public key.
	Find(ctx context.Context, pubkey string) (id engine.Identity, ok bool, err error)
}

// Places are those in the queue of a rule.
type Places interface {
	// Count returns how many signals wait, and how many of them for a counter.
	Count(counter string) (all, under int)
	// OfOne returns how many signals of an author wait.
	OfOne(author string) int
	// Full says why there is no place for a signal of an author, "" when there is one.
	Full(author string, known bool) string
}
