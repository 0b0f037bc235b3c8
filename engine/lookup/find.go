package lookup

import (
	"cmp"
	"container/list"
	"context"
	"time"

	"rhea/engine"
)

// New returns a look-up that knows nothing yet.
func New[V any](o Options[V]) *Newest[V] {
	o.Most = cmp.Or(o.Most, maxBatch)
	o.Patience = cmp.Or(o.Patience, usualPatience)
	l := &Newest[V]{opts: o, known: make(map[string]*list.Element), order: list.New()}
	for _, url := range o.Relays {
		l.relays = append(l.relays, &relay{address: []string{url}})
	}
	if len(o.Relays) == 0 {
		l.relays = []*relay{{}}
	}
	return l
}

// Find returns what is found under a key, false when the relays have nothing. It waits for so long at most; without a
// wait it returns what is known. The error is [ErrUnanswered] when nobody answered in time, or that of ctx, which should
// last for as long as the program needs answers: it ends the question for everybody.
func (l *Newest[V]) Find(ctx context.Context, key string, wait time.Duration) (value V, found bool, err error) {
	f := l.want(ctx, key)[0]
	if err := f.wait(ctx, wait); err != nil {
		return value, false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return f.value, f.event != nil, f.err
}

// Known returns what is known under a key, and asks nobody.
func (l *Newest[V]) Known(key string) (value V, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.known[key]
	if at == nil {
		return value, false
	}
	f, _ := at.Value.(*finding[V])
	return f.value, f.event != nil
}

func (f *finding[V]) wait(ctx context.Context, most time.Duration) error {
	select {
	case <-f.done:
		return nil
	default:
	}
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-f.done:
		return nil
	case <-late.C:
		return engine.ErrUnanswered
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Expect asks for keys that will be needed soon, and waits for nothing.
func (l *Newest[V]) Expect(ctx context.Context, keys ...string) { l.want(ctx, keys...) }

// want returns what is known under the keys, or will be, and asks for what is missing or old.
func (l *Newest[V]) want(ctx context.Context, keys ...string) []*finding[V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	findings := make([]*finding[V], len(keys))
	for i, key := range keys {
		at := l.known[key]
		if at != nil {
			f, _ := at.Value.(*finding[V])
			if f.pending || now.Before(f.until) {
				findings[i] = f
				continue
			}
			if f.event != nil && now.Before(f.until.Add(l.opts.Keep)) {
				f.pending = true
				l.wanted = append(l.wanted, f)
				findings[i] = f
				continue
			}
			l.drop(at)
		}
		f := &finding[V]{key: key, done: make(chan struct{}), pending: true}
		l.known[key] = l.order.PushBack(f)
		l.wanted = append(l.wanted, f)
		findings[i] = f
	}
	l.evict()
	l.next(ctx)
	return findings
}
