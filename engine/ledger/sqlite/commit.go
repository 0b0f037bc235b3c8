package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// Commit claims and stores an entry; it is on the disk when it returns.
func (l *Ledger) Commit(ctx context.Context, e engine.Entry) (fresh bool, err error) {
	now := time.Now()
	events, err := eventsOf(e, now)
	if err != nil {
		return false, err
	}
	decide, err := l.decide(e.Decision)
	if err != nil {
		return false, err
	}
	if e.Position != nil {
		l.closeQueued(e.Position.Stream)
	}
	l.claims.add(claimKey{e.Rule, e.Key})
	counters := hashesOf(e.Counters)
	l.counters.add(counters...)
	var due []ledger.Owed
	err = l.writer.commit(ctx, func(c *sqlite.Conn) error {
		var err error
		due = due[:0]
		if fresh, err = claim(c, e, now); err != nil || !fresh {
			return err
		}
		if err := storeWait(c, e); err != nil {
			return err
		}
		if e.Position != nil {
			l.writer.setPosition(*e.Position)
		}
		for _, p := range e.Drawn {
			l.writer.setPosition(p)
		}
		if err := storeCounters(c, counters, now); err != nil {
			return err
		}
		for _, o := range events {
			if due, err = o.store(c, due); err != nil {
				return err
			}
		}
		return decide(c)
	}, func() {
		if !fresh {
			return
		}
		if e.Position != nil {
			l.noteWritten(*e.Position)
		}
		for _, p := range e.Drawn {
			l.noteWritten(p)
		}
		l.drainer.Owe(due...)
	})
	if err != nil {
		return false, fault(l.path, err)
	}
	return fresh, nil
}

// claim takes a claim that does not exist or has expired.
func claim(c *sqlite.Conn, e engine.Entry, now time.Time) (fresh bool, err error) {
	if e.Waited {
		return endWait(c, e.Rule, e.Key)
	}
	if e.Again {
		return runsAgain(c, e, now)
	}
	var until any
	if e.Keep > 0 {
		until = millis(now.Add(e.Keep))
	}
	err = exec(c, `INSERT INTO claim (rule, key, until) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET until = excluded.until WHERE until <= ?`, nil, e.Rule, e.Key, until, now.UnixMilli())
	return c.Changes() == 1, err
}

// owed is one event of an entry with its deliveries.
type owed struct {
	id, json   string
	address    any // NULL without one
	dated      int64
	rule       string
	committed  int64
	fixed      int64
	deliveries []engine.Delivery
}

// eventsOf groups the deliveries of an entry by event. Each event is stored once.
func eventsOf(e engine.Entry, now time.Time) ([]owed, error) {
	var events []owed
	at := make(map[string]int, len(e.Deliveries))
	for _, d := range e.Deliveries {
		i, ok := at[d.Event.ID]
		if !ok {
			text, err := d.Event.MarshalJSON()
			if err != nil {
				return nil, fmt.Errorf("event %s: %w", d.Event.ID, err)
			}
			committed := d.Committed
			if committed.IsZero() {
				committed = now
			}
			i = len(events)
			at[d.Event.ID] = i
			events = append(events, owed{
				id: d.Event.ID, json: string(text), rule: d.Rule, committed: committed.UnixMilli(), dated: int64(d.Event.CreatedAt),
			})
			if a := engine.Address(&d.Event); a != "" {
				events[i].address = a
			}
		}
		if d.Fixed {
			events[i].fixed = 1
		}
		events[i].deliveries = append(events[i].deliveries, d)
	}
	return events, nil
}

// store inserts the event and appends its deliveries to due.
func (o owed) store(c *sqlite.Conn, due []ledger.Owed) ([]ledger.Owed, error) {
	err := exec(c, "INSERT INTO event (id, rule, committed, json, fixed, address, dated) VALUES (?, ?, ?, ?, ?, ?, ?)", nil,
		o.id, o.rule, o.committed, o.json, o.fixed, o.address, o.dated)
	if err != nil {
		return due, err
	}
	seq := c.LastInsertRowID()
	for _, d := range o.deliveries {
		err := exec(c, `INSERT INTO delivery (event, relay, quorum, retry_initial, retry_max, retry_elapsed)
			VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, nil,
			seq, d.Relay, d.Quorum, span(d.Retry.Initial), span(d.Retry.Max), span(d.Retry.MaxElapsed))
		if err != nil {
			return due, err
		}
		if c.Changes() == 0 {
			continue // The entry names the relay twice.
		}
		d.Number, d.Fixed, d.Committed = seq, o.fixed == 1, time.UnixMilli(o.committed)
		d.State, d.Attempts, d.Reason = engine.Pending, 0, ""
		due = append(due, ledger.Owed{ID: seq, Delivery: d})
	}
	return due, nil
}
