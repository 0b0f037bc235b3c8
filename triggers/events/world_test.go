package events_test

import (
	"rhea/engine"
)

// nobodysKey is a public key or an id that belongs to nobody.
const nobodysKey = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

func keys(signals []engine.Signal) []string {
	out := make([]string, len(signals))
	for i, s := range signals {
		out[i] = s.Key
	}
	return out
}
