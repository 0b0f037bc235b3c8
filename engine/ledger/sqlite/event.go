package sqlite

import (
	"context"
	"fmt"

	"github.com/nbd-wtf/go-nostr"
	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// Progress returns the state of an event at each relay.
func (r *Reader) Progress(ctx context.Context, d engine.Delivery) (found []engine.Delivery, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		found = nil
		return exec(c, `SELECT `+columns+` FROM event AS e CROSS JOIN delivery AS d ON d.event = e.seq WHERE e.seq = ?`,
			func(s *sqlite.Stmt) error {
				o, err := scan(s)
				found = append(found, o.Delivery)
				return err
			}, d.Number)
	})
	return found, err
}

const (
	latestQuery   = `SELECT json FROM event WHERE address = ?1 ORDER BY dated DESC, id LIMIT 1`
	eventQuery    = `SELECT json FROM event WHERE substr(id, 1, 12) = substr(?1, 1, 12) AND id = ?1 ORDER BY seq DESC LIMIT 1`
	latestAtQuery = `SELECT e.json FROM event AS e CROSS JOIN delivery AS d ON d.event = e.seq AND d.relay = ?2
		WHERE e.address = ?1 AND (d.due IS NOT NULL OR d.state = 'accepted') ORDER BY e.dated DESC, e.id LIMIT 1`
)

// Latest returns the version of an address that relays would keep.
func (r *Reader) Latest(ctx context.Context, address, relay string) (latest *nostr.Event, err error) {
	query, args := latestQuery, []any{address}
	if relay != "" {
		query, args = latestAtQuery, append(args, relay)
	}
	err = r.read(ctx, func(c *sqlite.Conn) error {
		return exec(c, query, func(s *sqlite.Stmt) error {
			latest = &nostr.Event{}
			return latest.UnmarshalJSON([]byte(s.ColumnText(0)))
		}, args...)
	})
	return latest, err
}

// Event returns the event that was committed with an id.
func (r *Reader) Event(ctx context.Context, id string) (found *nostr.Event, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		found = nil
		return exec(c, eventQuery, func(s *sqlite.Stmt) error {
			found = &nostr.Event{}
			return found.UnmarshalJSON([]byte(s.ColumnText(0)))
		}, id)
	})
	return found, err
}

// Replace replaces an event that no relay has accepted; it is on the disk when it returns.
func (l *Ledger) Replace(ctx context.Context, d engine.Delivery, with nostr.Event, why engine.Decision) (
	done engine.Replacement, err error,
) {
	text, err := with.MarshalJSON()
	if err != nil {
		return engine.Kept, fmt.Errorf("event %s: %w", with.ID, err)
	}
	decide, err := l.decide(why)
	if err != nil {
		return engine.Kept, err
	}
	err = l.writer.submit(ctx, func(c *sqlite.Conn) error {
		done = engine.Kept
		owed, err := number(c, "SELECT count(*) FROM delivery WHERE event = ? AND relay = ? AND due IS NOT NULL", d.Number, d.Relay)
		if err != nil {
			return err
		}
		if owed == 0 {
			done = engine.Gone
			return nil
		}
		err = exec(c, `UPDATE event SET id = ?1, json = ?2 WHERE seq = ?3 AND id = ?4
			AND NOT EXISTS (SELECT 1 FROM delivery WHERE event = ?3 AND state = 'accepted')`, nil,
			with.ID, string(text), d.Number, d.Event.ID)
		if err != nil || c.Changes() != 1 {
			return err
		}
		done = engine.Replaced
		return decide(c)
	})
	if err != nil {
		return engine.Kept, fault(l.path, err)
	}
	if done == engine.Replaced {
		l.drainer.WakeAll()
	}
	return done, nil
}
