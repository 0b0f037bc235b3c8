package relay

import (
	"context"
	"sync"
)

// run starts the workers and waits for them. They deliver the events of one author in order: a worker goes on with the
// further events of its author, so that a busy author does not block the other workers.
func (q *query) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range q.workers {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-q.work:
					for e := q.nextReady(); e != nil; e = q.nextOfAuthor(e.author) {
						q.handle(ctx, e)
					}
				}
			}
		})
	}
	workers.Wait()
}

// enqueue makes an event ready. The lock is held.
func (q *query) enqueue(e *pendingEvent) {
	q.ready = append(q.ready, e)
	q.work <- struct{}{}
}

// nextReady takes the first ready event: nil when its author has a worker, which goes on with it.
func (q *query) nextReady() *pendingEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.ready[0]
	q.ready[0], q.ready = nil, q.ready[1:]
	if further, busy := q.byAuthor[e.author]; busy {
		q.byAuthor[e.author] = append(further, e)
		return nil
	}
	q.byAuthor[e.author] = nil
	return e
}

// nextOfAuthor returns the next event of an author, nil without one: then the author has no worker any more.
func (q *query) nextOfAuthor(author string) *pendingEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	further := q.byAuthor[author]
	if len(further) == 0 {
		delete(q.byAuthor, author)
		return nil
	}
	q.byAuthor[author] = further[1:]
	return further[0]
}
