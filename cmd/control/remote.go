package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"rhea/engine/ledger/sqlite"
)

// remote is the client of a bot that runs in another process.
type remote struct{ client *http.Client }

var _ Controls = (*remote)(nil)

// dial returns the controls of the bot that runs on the state file at path, nil when none answers.
func dial(ctx context.Context, path string) (*remote, error) {
	_, address, err := sqlite.Holder(path)
	if err != nil || address == "" {
		return nil, err
	}
	if address == NoChannel {
		return nil, unlessFree(path)
	}
	return dialSocket(ctx, address)
}

// dialSocket returns the client of the bot that listens on a socket, nil when none does.
func dialSocket(ctx context.Context, address string) (*remote, error) {
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
		err = ErrNoChannel
	}
	return err
}

// Close implements [Controls].
func (r *remote) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

// Hold implements [Controls].
func (r *remote) Hold(ctx context.Context, o HoldOrder) (HoldAnswer, error) {
	return call[HoldAnswer](ctx, r, "/hold", o)
}

// Resume implements [Controls].
func (r *remote) Resume(ctx context.Context, o HoldOrder) (HoldAnswer, error) {
	return call[HoldAnswer](ctx, r, "/resume", o)
}

// Retry implements [Controls].
func (r *remote) Retry(ctx context.Context, o OutboxOrder) (OutboxAnswer, error) {
	return call[OutboxAnswer](ctx, r, "/retry", o)
}

// Drop implements [Controls].
func (r *remote) Drop(ctx context.Context, o OutboxOrder) (OutboxAnswer, error) {
	return call[OutboxAnswer](ctx, r, "/drop", o)
}

// DropWaiting implements [Controls].
func (r *remote) DropWaiting(ctx context.Context, o WaitingOrder) (WaitingAnswer, error) {
	return call[WaitingAnswer](ctx, r, "/drop-waiting", o)
}

// Undo implements [Controls].
func (r *remote) Undo(ctx context.Context, o UndoOrder) (UndoAnswer, error) {
	return call[UndoAnswer](ctx, r, "/undo", o)
}

// Rerun implements [Controls].
func (r *remote) Rerun(ctx context.Context, o RerunOrder) (RerunAnswer, error) {
	return call[RerunAnswer](ctx, r, "/rerun", o)
}

// Send implements [Controls].
func (r *remote) Send(ctx context.Context, o SendOrder) (SendAnswer, error) {
	return call[SendAnswer](ctx, r, "/send", o)
}

// Status asks for the live status.
func (r *remote) Status(ctx context.Context) (LiveStatus, error) {
	return call[LiveStatus](ctx, r, "/status", nil)
}

// call sends an order, or without one a question, and reads the answer.
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
