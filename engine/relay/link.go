package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"rhea/engine"
	"rhea/engine/relay/wire"
)

const (
	// maxFrame is the longest message that is parsed. Longer ones are skipped, up to maxRead; beyond that the
	// connection is closed.
	maxFrame = 512 << 10
	maxRead  = 16 << 20

	writeDeadline = 10 * time.Second
	// A silent peer gets a ping after pingAfter, and the connection ends pongDeadline later: together under a minute.
	pingAfter    = 20 * time.Second
	pongDeadline = 20 * time.Second
)

var (
	errHalfOpen = errors.New("the relay stopped answering")
	errUnread   = errors.New("the relay stopped reading")
	errLost     = errors.New("connection lost")
)

// receiver gets the messages of one subscription on the reading goroutine of the link. It must not block.
type receiver interface {
	event(peek *wire.Peek)
	eose(hint string)
	closed(reason string)
}

// link is one connection from its handshake to its end.
type link struct {
	conn *websocket.Conn
	ctx  context.Context
	end  context.CancelCauseFunc
	out  chan []byte
	// alive is when the relay was last heard, in Unix nanoseconds, with all that it had sent until then processed.
	alive atomic.Int64
	// notice is the last NOTICE.
	notice atomic.Pointer[string]
	// unanswered counts the events without an OK. hungUp is true when the relay closed the connection while there was
	// one.
	unanswered atomic.Int32
	hungUp     atomic.Bool
	// useful is true when the relay has sent an EOSE or an OK.
	useful atomic.Bool

	// receivers is replaced, never changed: the reader uses it for every frame without a lock.
	receivers atomic.Pointer[map[string]receiver]
	// opening holds one token: one subscription is opened at a time.
	opening chan struct{}
	// lookups holds a token for each look-up beside the standing subscriptions.
	lookups chan struct{}

	mu      sync.Mutex
	lastID  int
	answers map[string][]chan answer
	auth    authentication
}

// spares is how many look-ups may run on a link at once.
const spares = 2

// answer is the content of an OK message.
type answer struct {
	ok     bool
	reason string
	// hint is what we add to the reason.
	hint string
	// pow, notBefore and notAfter are what the relay demands, in its reason or in its policy.
	pow                 int
	notBefore, notAfter time.Time
}

// text is the reason with the hint, for errors.
func (a answer) text() string { return clip(a.reason) + a.hint }

func newLink(ctx context.Context, conn *websocket.Conn) *link {
	l := &link{
		conn:    conn,
		out:     make(chan []byte, 16),
		opening: make(chan struct{}, 1),
		lookups: make(chan struct{}, spares),
		answers: make(map[string][]chan answer),
		auth:    newAuthentication(),
	}
	l.receivers.Store(&map[string]receiver{})
	l.ctx, l.end = context.WithCancelCause(ctx)
	l.alive.Store(time.Now().UnixNano())
	return l
}

// run reads, writes and pings until the connection ends, and returns why.
func (l *link) run() error {
	l.conn.SetReadLimit(maxRead)
	stop := context.AfterFunc(l.ctx, func() { _ = l.conn.CloseNow() }) // The link ends in any case.
	defer stop()
	var side sync.WaitGroup
	side.Go(l.write)
	side.Go(l.ping)
	l.lose(l.read())
	_ = l.conn.CloseNow()
	side.Wait()
	return context.Cause(l.ctx)
}

// lose ends the link because the relay has closed the connection.
func (l *link) lose(err error) {
	if l.ctx.Err() == nil && l.unanswered.Load() > 0 {
		l.hungUp.Store(true)
	}
	l.end(fmt.Errorf("%w: %w", errLost, err))
}

func (l *link) read() error {
	buffer := make([]byte, 0, 16<<10)
	var peek wire.Peek
	for {
		// A context would cost a goroutine per frame. Closing the connection ends the read too.
		kind, r, err := l.conn.Reader(context.Background())
		if err != nil {
			return err
		}
		buffer, err = readUpTo(r, buffer[:0], maxFrame)
		if err != nil {
			return err
		}
		if kind == websocket.MessageText && len(buffer) <= maxFrame {
			l.dispatch(buffer, &peek)
		}
		l.alive.Store(time.Now().UnixNano())
		if cap(buffer) > 64<<10 {
			buffer = make([]byte, 0, 16<<10)
		}
	}
}

// readUpTo appends a message to buffer. Of a longer message it keeps limit+1 bytes and discards the rest.
func readUpTo(r io.Reader, buffer []byte, limit int) ([]byte, error) {
	for {
		if len(buffer) > limit {
			_, err := io.Copy(io.Discard, r)
			return buffer, err
		}
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, 0)[:len(buffer)]
		}
		n, err := r.Read(buffer[len(buffer):min(cap(buffer), limit+1)])
		buffer = buffer[:len(buffer)+n]
		if errors.Is(err, io.EOF) {
			return buffer, nil
		}
		if err != nil {
			return buffer, err
		}
	}
}

func (l *link) dispatch(data []byte, peek *wire.Peek) {
	if peek.Read(data) {
		if r := l.receiver(peek.Sub); r != nil {
			r.event(peek)
		}
		return
	}
	f, err := wire.ParseFrame(data)
	if err != nil {
		return // A malformed frame belongs to no subscription.
	}
	switch f.Label {
	case wire.LabelEvent:
		r := l.receiver(f.ID)
		if r == nil {
			return
		}
		if e, err := wire.ParseEvent(f.Event); err == nil {
			peek.Fill(f.ID, f.Event, e)
			r.event(peek)
		}
	case wire.LabelEOSE:
		if r := l.receiver(f.ID); r != nil {
			l.useful.Store(true)
			r.eose(string(f.Text))
		}
	case wire.LabelClosed:
		if r := l.receiver(f.ID); r != nil {
			l.forget(string(f.ID))
			r.closed(string(f.Text))
		}
	case wire.LabelOK:
		l.useful.Store(true)
		l.deliverAnswer(string(f.ID), answer{ok: f.OK, reason: string(f.Text)})
	case wire.LabelAuth:
		l.setChallenge(string(f.Text))
	case wire.LabelNotice:
		text := clip(string(f.Text))
		l.notice.Store(&text)
	}
}

func (l *link) receiver(id []byte) receiver { return (*l.receivers.Load())[string(id)] }

// subscribe sends a REQ under a new id. A link never uses an id twice, so that late messages of an old subscription
// cannot be taken for those of a new one.
func (l *link) subscribe(ctx context.Context, filters []json.RawMessage, r receiver) (id string, err error) {
	l.mu.Lock()
	l.lastID++
	id = fmt.Sprintf("r%d", l.lastID)
	receivers := maps.Clone(*l.receivers.Load())
	receivers[id] = r
	l.receivers.Store(&receivers)
	l.mu.Unlock()
	parts := []any{"REQ", id}
	for _, f := range filters {
		parts = append(parts, f)
	}
	if err := l.sendJSON(ctx, parts...); err != nil {
		l.forget(id)
		return "", err
	}
	return id, nil
}

// unsubscribe sends CLOSE for a subscription, unless the relay has closed it.
func (l *link) unsubscribe(ctx context.Context, id string) error {
	if !l.forget(id) {
		return nil
	}
	return l.sendJSON(ctx, "CLOSE", id)
}

func (l *link) forget(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	receivers := maps.Clone(*l.receivers.Load())
	_, known := receivers[id]
	delete(receivers, id)
	l.receivers.Store(&receivers)
	return known
}

func (l *link) sendJSON(ctx context.Context, parts ...any) error {
	data, err := json.Marshal(parts)
	if err != nil {
		return fmt.Errorf("a message for the relay: %w", err)
	}
	return l.send(ctx, data)
}

// send hands a message to the writer. Nil does not mean that it was sent.
func (l *link) send(ctx context.Context, data []byte) error {
	select {
	case l.out <- data:
		return nil
	case <-l.ctx.Done():
		return context.Cause(l.ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *link) write() {
	for {
		select {
		case data := <-l.out:
			ctx, cancel := context.WithTimeout(l.ctx, writeDeadline)
			err := l.conn.Write(ctx, websocket.MessageText, data)
			cancel()
			switch {
			case errors.Is(err, context.DeadlineExceeded):
				l.end(fmt.Errorf("%w: %w", errLost, errUnread))
				return
			case err != nil:
				l.lose(err)
				return
			}
		case <-l.ctx.Done():
			return
		}
	}
}

func (l *link) ping() {
	for {
		silent := time.Since(time.Unix(0, l.alive.Load()))
		if silent >= 0 && silent < pingAfter { // A negative value means that the clock was put back.
			if !engine.Wait(l.ctx, pingAfter-silent) {
				return
			}
			continue
		}
		ctx, cancel := context.WithTimeout(l.ctx, pongDeadline)
		err := l.conn.Ping(ctx)
		cancel()
		if err != nil {
			l.end(fmt.Errorf("%w: %w", errLost, errHalfOpen))
			return
		}
		// Frames come in order: all that the relay sent before the pong has been read.
		l.alive.Store(time.Now().UnixNano())
	}
}
