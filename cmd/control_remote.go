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

	"rhea/engine/ledger/sqlite"
)

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
