package engine

import "context"

// Prober is a trigger that can ask whether what it depends on is there, without taking anything from it: whether a
// feed can be fetched and read.
type Prober interface {
	Trigger
	Probe(ctx context.Context) error
}
