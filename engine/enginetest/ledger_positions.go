package enginetest

import (
	"time"

	"rhea/engine"
)

func advance(b *bench, l engine.Ledger, stream, value string) {
	b.Helper()
	if err := l.Advance(b.Context(), engine.Position{Stream: stream, Value: value}); err != nil {
		b.Errorf("advance: %v", err)
	}
}

func positions(b *bench) {
	l := b.open()
	b.position(l, "s", "")
	advance(b, l, "s", "1")
	b.position(l, "s", "1")
	advance(b, l, "s", "2")
	advance(b, l, "t", "9")
	b.position(l, "s", "2")
	e := entry("k")
	e.Position = &engine.Position{Stream: "s", Value: "3"}
	b.commit(l, e, true)
	b.position(l, "s", "3")
	advance(b, l, "s", "4")
	b.position(l, "s", "4")
	pass(time.Minute)
	b.position(l, "s", "4")
	b.position(l, "t", "9")
}

func positionsSurvive(b *bench) {
	l := b.open()
	advance(b, l, "s", "1")
	e := entry("k")
	e.Position = &engine.Position{Stream: "t", Value: "5"}
	e.Drawn = []engine.Position{{Stream: "u", Value: "0"}, {Stream: "v", Value: "1"}, {Stream: "u", Value: "2"}}
	b.commit(l, e, true)
	e.Drawn = []engine.Position{{Stream: "u", Value: "3"}}
	b.commit(l, e, false)
	advance(b, l, "t", "6")
	l = b.reopen(l)
	b.position(l, "s", "1")
	b.position(l, "t", "6")
	b.position(l, "u", "2")
	b.position(l, "v", "1")
}

// firstAdvance crashes as soon as streams have begun.
func firstAdvance(b *bench) {
	l := b.open()
	advance(b, l, "s", "1")
	b.position(l, "t", "")
	advance(b, l, "t", "2")
	l = b.crash()
	b.position(l, "s", "1")
	b.position(l, "t", "2")
}

func lostAdvance(b *bench) {
	l := b.open()
	e := entry("k")
	e.Position = &engine.Position{Stream: "s", Value: "1"}
	b.commit(l, e, true)
	advance(b, l, "s", "2")
	l = b.crash()
	switch got, err := l.Position(b.Context(), "s"); {
	case err != nil:
		b.Errorf("position: %v", err)
	case got != "1" && got != "2":
		b.Errorf("position = %q; the commit stored 1", got)
	}
	b.commit(l, e, false)
	advance(b, l, "s", "3")
	pass(time.Minute)
	b.position(b.crash(), "s", "3")
}

// positionsKept asks for positions that must be remembered for a day, and for one that is kept for ever since.
func positionsKept(b *bench) {
	l := b.open()
	e := entry("k")
	e.Position = &engine.Position{Stream: "day", Value: "1", Keep: 24 * time.Hour}
	e.Drawn = []engine.Position{{Stream: "longer", Value: "1", Keep: 24 * time.Hour}, {Stream: "ever", Value: "1"}}
	b.commit(l, e, true)
	pass(20 * time.Hour)
	advance(b, l, "longer", "2")
	l = b.reopen(l)
	b.position(l, "day", "1")
	pass(30 * 24 * time.Hour)
	l = b.reopen(l)
	b.position(l, "longer", "2")
	b.position(l, "ever", "1")
}
