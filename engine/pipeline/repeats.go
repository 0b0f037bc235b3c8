package pipeline

import (
	"sync"
	"time"
)

// repeatEvery is how often a line of the log that strangers can cause at will is told again.
const repeatEvery = time.Minute

// repeats keeps such lines from filling the log: the first one is told in full, those after it are counted, and told as
// one line a minute. The zero value is ready.
type repeats struct {
	mu   sync.Mutex
	open map[string]*repeat
}

// repeat is a line that was told within the last minute.
type repeat struct {
	more  int
	last  func(more int)
	timer *time.Timer
}

// say tells a line, or counts it when one of its kind was told a moment ago. tell gets how many lines it stands for beside
// the first: 0 means that it is the first.
func (r *repeats) say(kind string, tell func(more int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.open[kind]; at != nil {
		at.more++
		at.last = tell
		return
	}
	if r.open == nil {
		r.open = make(map[string]*repeat)
	}
	r.open[kind] = &repeat{timer: time.AfterFunc(repeatEvery, func() { r.sum(kind) })}
	tell(0)
}

// sum tells what came of a kind since the last line.
func (r *repeats) sum(kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.open[kind]
	if at == nil {
		return
	}
	if at.more == 0 {
		delete(r.open, kind)
		return
	}
	at.last(at.more)
	at.more = 0
	at.timer.Reset(repeatEvery)
}

// end tells what is still counted.
func (r *repeats) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for kind, at := range r.open {
		at.timer.Stop()
		if at.more > 0 {
			at.last(at.more)
		}
		delete(r.open, kind)
	}
}
