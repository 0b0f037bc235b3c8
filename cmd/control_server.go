package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// The channel is HTTP with JSON over a Unix-domain socket that only the bot's user may open. Its address stands in the
// lock file of the state, so that a verb finds it whatever the path.
const (
	maxOrder     = 8 << 20
	orderTimeout = time.Minute
	dialTimeout  = 5 * time.Second
	// idleTimeout is how long somebody may be connected and say nothing, maxConnections how many at once.
	idleTimeout    = 5 * time.Second
	maxConnections = 64
)

// noChannel stands for an address in the lock file of a bot that could not open its channel.
const noChannel = "-"

// errNoChannel says why a running bot can be asked nothing.
var errNoChannel = errors.New("the bot runs without its control channel, which could not be opened; its log says why at the start")

// server serves the controls of a running bot.
type server struct {
	http   *http.Server
	socket *socket
	done   chan error
}

// serve serves the controller and the bot's live status until Close.
func serve(path string, l fileState, d *controller, live func(context.Context) liveStatus) (*server, error) {
	s, err := listenBeside(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the control channel: %w", err)
	}
	if err := l.Advertise(s.address); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("GET /status", answer(func(ctx context.Context, _ struct{}) (liveStatus, error) { return live(ctx), nil }))
	mux.Handle("POST /hold", answer(d.Hold))
	mux.Handle("POST /resume", answer(d.Resume))
	mux.Handle("POST /retry", answer(d.Retry))
	mux.Handle("POST /drop", answer(d.Drop))
	mux.Handle("POST /drop-waiting", answer(d.DropWaiting))
	mux.Handle("POST /undo", answer(d.Undo))
	mux.Handle("POST /rerun", answer(d.Rerun))
	c := &server{http: newServer(mux, idleTimeout), socket: s, done: make(chan error, 1)}
	go c.serve()
	return c, nil
}

// newServer sends away who is connected and silent, so that a few cannot shut out the others.
func newServer(handler http.Handler, idle time.Duration) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: idle, ReadTimeout: orderTimeout, IdleTimeout: idle}
}

func (c *server) serve() { c.done <- c.http.Serve(netutil.LimitListener(c.socket, maxConnections)) }

// Close lets the orders under way finish for a while.
func (c *server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	err := c.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = c.http.Close()
	}
	if ended := <-c.done; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return errors.Join(err, c.socket.Close())
}

// refusal is the body of an answer that is not 200.
type refusal struct {
	Error string `json:"error"`
}

// answer serves one control.
func answer[In, Out any](do func(context.Context, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in In
		w.Header().Set("Content-Type", "application/json")
		reply := func(code int, body any) {
			w.WriteHeader(code)
			_ = json.NewEncoder(w).Encode(body) // Who has gone away need not be told.
		}
		if r.Method == http.MethodPost {
			body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
			if err := body.Decode(&in); err != nil {
				reply(http.StatusBadRequest, refusal{"the order cannot be read: " + err.Error()})
				return
			}
		}
		out, err := do(r.Context(), in)
		if err != nil {
			reply(http.StatusInternalServerError, refusal{engine.Redact(err.Error())})
			return
		}
		reply(http.StatusOK, out)
	})
}

// remote are the controls of a bot that runs in another process.
type remote struct{ client *http.Client }

var _ controls = (*remote)(nil)

// dial returns the controls of the bot that runs on the state file at path, nil when none answers.
func dial(ctx context.Context, path string) (*remote, error) {
	_, address, err := sqlite.Holder(path)
	if err != nil || address == "" {
		return nil, err
	}
	if address == noChannel {
		return nil, unlessFree(path)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", address)
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		return nil, unlessGone(err, address)
	}
	if err := conn.Close(); err != nil {
		return nil, err
	}
	return &remote{&http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: orderTimeout}}, nil
}

// unlessFree returns nil when no bot holds the state any more.
func unlessFree(path string) error {
	held, err := sqlite.Held(path)
	if err == nil && held {
		err = errNoChannel
	}
	return err
}

// Close implements [controls].
func (r *remote) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

// Hold implements [controls].
func (r *remote) Hold(ctx context.Context, o holdOrder) (holdAnswer, error) {
	return call[holdAnswer](ctx, r, "/hold", o)
}

// Resume implements [controls].
func (r *remote) Resume(ctx context.Context, o holdOrder) (holdAnswer, error) {
	return call[holdAnswer](ctx, r, "/resume", o)
}

// Retry implements [controls].
func (r *remote) Retry(ctx context.Context, o outboxOrder) (outboxAnswer, error) {
	return call[outboxAnswer](ctx, r, "/retry", o)
}

// Drop implements [controls].
func (r *remote) Drop(ctx context.Context, o outboxOrder) (outboxAnswer, error) {
	return call[outboxAnswer](ctx, r, "/drop", o)
}

// DropWaiting implements [controls].
func (r *remote) DropWaiting(ctx context.Context, o waitingOrder) (waitingAnswer, error) {
	return call[waitingAnswer](ctx, r, "/drop-waiting", o)
}

// Undo implements [controls].
func (r *remote) Undo(ctx context.Context, o undoOrder) (undoAnswer, error) {
	return call[undoAnswer](ctx, r, "/undo", o)
}

// Rerun implements [controls].
func (r *remote) Rerun(ctx context.Context, o rerunOrder) (rerunAnswer, error) {
	return call[rerunAnswer](ctx, r, "/rerun", o)
}

// Status is what only the running bot knows.
func (r *remote) Status(ctx context.Context) (liveStatus, error) {
	return call[liveStatus](ctx, r, "/status", nil)
}

// call sends an order, or without one asks, and reads the answer.
func call[Out any](ctx context.Context, r *remote, path string, order any) (out Out, err error) {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if order != nil {
		text, err := json.Marshal(order)
		if err != nil {
			return out, err
		}
		method, body = http.MethodPost, bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://bot"+path, body)
	if err != nil {
		return out, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return out, fmt.Errorf("the running bot does not answer: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxOrder))
	if err != nil {
		return out, fmt.Errorf("the running bot does not answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		var no refusal
		if json.Unmarshal(text, &no) == nil && no.Error != "" {
			return out, errors.New(no.Error)
		}
		return out, fmt.Errorf("the running bot answers %s; is it of another version?", response.Status)
	}
	err = json.Unmarshal(text, &out)
	return out, err
}
