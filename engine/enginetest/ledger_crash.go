package enginetest

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

func crashBeforeDelivery(b *bench) {
	l := b.open()
	b.commit(l, entry("k", relayA, relayB), true)
	l = b.crash()
	b.seen(l, "rule", "k", true)
	b.commit(l, entry("k", relayA, relayB), false)
	got := b.drain(l, time.Minute, accept)
	if len(got.list) != 2 {
		b.Fatalf("%d deliveries after the crash, want 2", len(got.list))
	}
	for _, d := range got.list {
		if want := note("k"); d.Event.String() != want.String() || d.Event.ID != d.Event.GetID() {
			b.Errorf("the event changed:\n%s\n%s", d.Event, want)
		}
	}
}

func crashAfterDelivery(b *bench) {
	l := b.open()
	b.commit(l, entry("k", relayA), true)
	b.drain(l, time.Minute, accept)
	b.commit(l, entry("l", relayA), true)
	l = b.crash()
	if got := b.drain(l, time.Minute, accept).keys(); !slices.Equal(got, []string{"l"}) {
		b.Errorf("handed out %q after the crash, want only l", got)
	}
}

func crashKeepsAll(b *bench) {
	l := b.open()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() { b.commit(l, entry(strconv.Itoa(i), relayA), true) })
	}
	all.Wait()
	l = b.crash()
	for i := range 100 {
		b.seen(l, "rule", strconv.Itoa(i), true)
	}
	if n := len(b.drain(l, time.Minute, accept).keys()); n != 100 {
		b.Errorf("%d deliveries after the crash, want 100", n)
	}
}
