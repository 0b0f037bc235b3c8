package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

var errNoAnswer = errors.New("the relay did not answer")

// sendEvent sends an event under a label, calls sent and waits for its OK. Without an answer it sends the same bytes a
// second time.
func (l *link) sendEvent(ctx context.Context, label string, event nostr.Event, sent func()) (answer, error) {
	data, err := eventFrame(label, event)
	if err != nil {
		return answer{}, fmt.Errorf("event %s: %w", event.ID, err)
	}
	heard := make(chan answer, 1)
	l.expect(event.ID, heard)
	defer l.unexpect(event.ID, heard)
	if label == wire.LabelEvent {
		l.unanswered.Add(1)
		defer l.unanswered.Add(-1)
	}
	for range 2 {
		if err := l.send(ctx, data); err != nil {
			return answer{}, err
		}
		sent()
		late := time.NewTimer(answerDeadline)
		select {
		case a := <-heard:
			late.Stop()
			return a, nil
		case <-l.ctx.Done():
			late.Stop()
			return answer{}, context.Cause(l.ctx)
		case <-ctx.Done():
			late.Stop()
			return answer{}, ctx.Err()
		case <-late.C:
		}
	}
	if said := l.notice.Load(); said != nil {
		return answer{}, fmt.Errorf("%w within %s; its last notice was %q", errNoAnswer, 2*answerDeadline, *said)
	}
	return answer{}, fmt.Errorf("%w within %s", errNoAnswer, 2*answerDeadline)
}

// eventFrame is the message that hands over an event. go-nostr writes events several times faster than encoding/json.
func eventFrame(label string, event nostr.Event) ([]byte, error) {
	body, err := event.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte(`["`+label+`",`), body, []byte("]")), nil
}

func (l *link) expect(id string, heard chan answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[id] = append(l.answers[id], heard)
}

func (l *link) unexpect(id string, heard chan answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[id] = slices.DeleteFunc(l.answers[id], func(c chan answer) bool { return c == heard })
	if len(l.answers[id]) == 0 {
		delete(l.answers, id)
	}
}

// deliverAnswer passes an OK to all callers that wait for that event. An OK without a waiting caller is ignored.
func (l *link) deliverAnswer(id string, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, heard := range l.answers[id] {
		select {
		case heard <- a:
		default: // It already has an answer.
		}
	}
}
