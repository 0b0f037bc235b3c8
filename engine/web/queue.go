package web

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Queue makes a crowd of readers polite: to one host goes one request at a time, with a pause between two, and only a
// few run at all. One queue serves a whole process.
type Queue struct {
	spacing time.Duration
	slots   chan struct{}

	mu    sync.Mutex
	hosts map[string]*turnstile
}

// turnstile lets one through to a host.
type turnstile struct {
	free    chan struct{}
	last    time.Time
	waiting int
}

const (
	defaultSpacing = time.Second
	defaultAtOnce  = 8
)

// NewQueue returns a queue that waits a second between two requests to one host and lets eight run.
func NewQueue() *Queue {
	return &Queue{
		spacing: defaultSpacing,
		slots:   make(chan struct{}, defaultAtOnce),
		hosts:   make(map[string]*turnstile),
	}
}

// Enter waits for the turn of a request to host. The caller calls leave when it is through with the answer.
func (q *Queue) Enter(ctx context.Context, host string) (leave func(), err error) {
	host = strings.TrimPrefix(strings.ToLower(host), "www.")
	t := q.join(host)
	select {
	case t.free <- struct{}{}:
	case <-ctx.Done():
		q.part(host, t)
		return nil, ctx.Err()
	}
	if err := q.wait(ctx, t); err != nil {
		<-t.free
		q.part(host, t)
		return nil, err
	}
	return sync.OnceFunc(func() {
		t.last = time.Now()
		<-q.slots
		<-t.free
		q.part(host, t)
	}), nil
}

// wait waits for the host's pause to end and then for one of the places.
func (q *Queue) wait(ctx context.Context, t *turnstile) error {
	if d := time.Until(t.last.Add(q.spacing)); d > 0 {
		pause := time.NewTimer(d)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case q.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *Queue) join(host string) *turnstile {
	q.mu.Lock()
	defer q.mu.Unlock()
	t := q.hosts[host]
	if t == nil {
		t = &turnstile{free: make(chan struct{}, 1)}
		q.hosts[host] = t
	}
	t.waiting++
	return t
}

// part leaves the turnstile, and forgets hosts whose pause is over: feeds come and go for years.
func (q *Queue) part(host string, t *turnstile) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.waiting--
	if len(q.hosts) <= maxIdleHosts {
		return
	}
	for name, t := range q.hosts {
		if t.waiting == 0 && time.Since(t.last) > q.spacing {
			delete(q.hosts, name)
		}
	}
}

// maxIdleHosts is how many hosts are remembered without need.
const maxIdleHosts = 256
