package gate

import (
	"time"

	"rhea/engine"
)

// entered are the signals that have a place under a counter: a limit let them pass, and they are not stored yet.
type entered struct {
	n int
	// less is closed when one of them has ended; nil while nobody waits for that.
	less chan struct{}
}

// places are those under each counter.
type places map[string]*entered

// enter gives a signal a place under a counter, when it is allowed even if all who have one are counted. Otherwise it
// returns what is closed when there are less of them.
func (all places) enter(counter string, w *window, rates []engine.Rate, now time.Time) (less <-chan struct{}) {
	e := all[counter]
	if e == nil {
		e = new(entered)
		all[counter] = e
	}
	if _, free := w.free(rates, e.n, now); !free.After(now) {
		e.n++
		return nil
	}
	if e.less == nil {
		e.less = make(chan struct{})
	}
	return e.less
}

// leave gives places back.
func (all places) leave(counters []string) {
	for _, c := range counters {
		e := all[c]
		if e.n--; e.n == 0 {
			delete(all, c)
		}
		if e.less != nil {
			close(e.less)
			e.less = nil
		}
	}
}
