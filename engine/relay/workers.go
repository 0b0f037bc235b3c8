package relay

import "context"

// enqueue makes an event ready, and starts a worker for it unless as many as may be are at work. Nothing waits for events
// that do not come. The lock is held.
func (q *query) enqueue(e *pendingEvent) {
	q.ready = append(q.ready, e)
	if q.working < q.workers && !q.over {
		q.working++
		q.running.Go(q.work)
	}
}

// work delivers what is ready, the events of one author in order: a worker goes on with the further events of its author,
// so that a busy author does not block the other workers.
func (q *query) work() {
	ctx := q.context()
	for e := q.nextReady(); e != nil; e = q.nextReady() {
		for ; e != nil; e = q.nextOfAuthor(e.author) {
			q.handle(ctx, e)
		}
	}
}

// context returns that of the deliveries. It ends with the query, for which nothing is delivered most of the time.
func (q *query) context() context.Context {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ctx == nil {
		q.ctx, q.cancel = context.WithCancelCause(q.parent)
		if q.over {
			q.cancel(errClosed)
		}
	}
	return q.ctx
}

// nextReady takes the first ready event whose author has no worker; the others are left to that worker. Without one the
// caller ends: under the same lock, so that whoever makes the next event ready starts another worker.
func (q *query) nextReady() *pendingEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) > 0 && !q.over {
		e := q.ready[0]
		q.ready[0], q.ready = nil, q.ready[1:]
		if further, busy := q.byAuthor[e.author]; busy {
			q.byAuthor[e.author] = append(further, e)
			continue
		}
		q.byAuthor[e.author] = nil
		return e
	}
	q.working--
	return nil
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

// end ends the deliveries and waits for the workers; no other one starts. What is still in flight stays so.
func (q *query) end() {
	q.mu.Lock()
	q.over = true
	if q.cancel != nil {
		q.cancel(errClosed)
	}
	q.mu.Unlock()
	q.running.Wait()
}
