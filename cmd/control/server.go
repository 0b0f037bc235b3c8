package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"rhea/engine"
)

// The channel is HTTP with JSON over a Unix-domain socket that only the bot's user may open. Its address stands in the
// lock file of the state, so that a verb finds it whatever the path.
const (
	maxOrder     = 8 << 20
	orderTimeout = time.Minute
	dialTimeout  = 5 * time.Second
	// idleTimeout is how long a connection may be idle, maxConnections how many there may be.
	idleTimeout    = 5 * time.Second
	maxConnections = 64
)

// NoChannel stands for an address in the lock file of a bot that could not open its channel.
const NoChannel = "-"

// ErrNoChannel is the error of asking a bot that runs without its control channel.
var ErrNoChannel = errors.New("the bot runs without its control channel, which could not be opened; its log says why at the start")

// server serves the controls of a running bot.
type server struct {
	http   *http.Server
	socket *socket
	done   chan error
}

// Serve takes orders for the controller of a running bot, and tells the bot's live status, until Close. Path is the state
// file's.
func Serve(path string, c *Controller, live func(context.Context) LiveStatus) (io.Closer, error) {
	listener, err := listenBeside(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the control channel: %w", err)
	}
	if err := c.opts.State.Advertise(listener.address); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("GET /status", answer(func(ctx context.Context, _ struct{}) (LiveStatus, error) { return live(ctx), nil }))
	mux.Handle("POST /hold", answer(c.Hold))
	mux.Handle("POST /resume", answer(c.Resume))
	mux.Handle("POST /retry", answer(c.Retry))
	mux.Handle("POST /drop", answer(c.Drop))
	mux.Handle("POST /drop-waiting", answer(c.DropWaiting))
	mux.Handle("POST /undo", answer(c.Undo))
	mux.Handle("POST /rerun", answer(c.Rerun))
	mux.Handle("POST /send", answer(c.Send))
	s := &server{http: newServer(mux, idleTimeout), socket: listener, done: make(chan error, 1)}
	go s.serve()
	return s, nil
}

// newServer closes idle connections, so that a few cannot shut out the others.
func newServer(handler http.Handler, idle time.Duration) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: idle, ReadTimeout: orderTimeout, IdleTimeout: idle}
}

func (s *server) serve() { s.done <- s.http.Serve(netutil.LimitListener(s.socket, maxConnections)) }

// Close lets the orders under way finish for a while.
func (s *server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	if ended := <-s.done; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return errors.Join(err, s.socket.Close())
}

// refusal is the body of an answer that is not 200.
type refusal struct {
	Error string `json:"error"`
}

// answer serves one kind of order.
func answer[In, Out any](do func(context.Context, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in In
		w.Header().Set("Content-Type", "application/json")
		reply := func(code int, body any) {
			w.WriteHeader(code)
			_ = json.NewEncoder(w).Encode(body) // The client may have gone away.
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
