package triggers_test

import (
	"rhea/engine"
	"rhea/triggers"
)

// nobodysKey is a public key or an id that belongs to nobody.
const nobodysKey = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

// kind returns the kind of that name.
func kind(name string) engine.TriggerKind {
	for _, k := range triggers.Kinds() {
		if k.Name == name {
			return k
		}
	}
	panic("no kind " + name)
}

func keys(signals []engine.Signal) []string {
	out := make([]string, len(signals))
	for i, s := range signals {
		out[i] = s.Key
	}
	return out
}
