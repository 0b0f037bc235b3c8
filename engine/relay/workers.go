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
				case <-q.came:
					for w := q.first(); w != nil; w = q.next(w.author) {
						q.handle(ctx, w)
					}
				}
			}
		})
	}
	workers.Wait()
}

// enqueue puts the event in line. The lock is held.
func (q *query) enqueue(w *waiting) {
	q.line = append(q.line, w)
	q.came <- struct{}{}
}

// first takes the first event in line: nil when its author has a worker, who goes on with it.
func (q *query) first() *waiting {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := q.line[0]
	q.line[0], q.line = nil, q.line[1:]
	if behind, busy := q.behind[w.author]; busy {
		q.behind[w.author] = append(behind, w)
		return nil
	}
	q.behind[w.author] = nil
	return w
}

// next returns what else came up of an author, nil when nothing did: then the author has no worker any more.
func (q *query) next(author string) *waiting {
	q.mu.Lock()
	defer q.mu.Unlock()
	behind := q.behind[author]
	if len(behind) == 0 {
		delete(q.behind, author)
		return nil
	}
	q.behind[author] = behind[1:]
	return behind[0]
}
