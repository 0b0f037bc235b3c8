package relay

import (
	"context"
	"sync"
)

// run starts the workers and waits for them. They take what waits in line, and the events of one author in order: a
// worker who has an author goes on with what came up meanwhile, so that nobody else stands behind one busy author.
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

// enqueue puts the event in line. The lock is held.
func (q *query) enqueue(e *pendingEvent) {
	q.ready = append(q.ready, e)
	q.work <- struct{}{}
}

// nextReady takes the first event in line: nil when its author has a worker, who goes on with it.
func (q *query) nextReady() *pendingEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.ready[0]
	q.ready[0], q.ready = nil, q.ready[1:]
	if behind, busy := q.byAuthor[e.author]; busy {
		q.byAuthor[e.author] = append(behind, e)
		return nil
	}
	q.byAuthor[e.author] = nil
	return e
}

// nextOfAuthor returns what else came up of an author, nil when nothing did: then the author has no worker any more.
func (q *query) nextOfAuthor(author string) *pendingEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	behind := q.byAuthor[author]
	if len(behind) == 0 {
		delete(q.byAuthor, author)
		return nil
	}
	q.byAuthor[author] = behind[1:]
	return behind[0]
}
