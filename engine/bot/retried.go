package bot

import (
	"context"
)

// Retried notes that an operator wants deliveries to a relay tried now: what was held back from it is forgotten, and
// it rests no longer. It returns when the ledger knows, or ctx ends.
func (e *Bot) Retried(ctx context.Context, relay string) {
	e.sender.Retry(ctx, relay)
}
