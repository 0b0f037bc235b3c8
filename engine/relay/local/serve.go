package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const writeDeadline = 10 * time.Second

// Listen serves on a free port of 127.0.0.1 and returns the ws:// address.
func (r *Relay) Listen() (string, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("local relay: %w", err)
	}
	server := &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	r.mu.Lock()
	if r.closed || r.server != nil {
		r.mu.Unlock()
		return "", errors.Join(errors.New("local relay: already listening or closed"), l.Close())
	}
	r.server, r.url = server, "ws://"+l.Addr().String()
	r.mu.Unlock()
	// Serve returns when Close closes the server. After another error the relay is unreachable.
	r.serving.Go(func() { _ = server.Serve(l) })
	return r.URL(), nil
}

// ServeHTTP answers with a websocket, or with the relay information (NIP-11) when the request is for no websocket.
func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
		r.Inform(w)
		return
	}
	c := r.Connect()
	defer c.Close()
	if !r.enter(c) {
		http.Error(w, "no more connections", http.StatusServiceUnavailable)
		return
	}
	defer r.serving.Done()
	conn, err := websocket.Accept(w, req, nil)
	if err != nil {
		return // Accept has answered.
	}
	conn.SetReadLimit(r.opts.MaxMessage)
	ctx, cancel := context.WithCancel(req.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		defer cancel()
		_ = write(ctx, conn, c) // The connection ends, whatever the reason.
	})
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			break
		}
		c.Receive(ctx, frame)
	}
	cancel()
	_ = conn.CloseNow() // The connection ends in any case.
	writing.Wait()
}

// enter registers a client that Close must wait for.
func (r *Relay) enter(c *Client) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || !r.clients[c] {
		return false
	}
	r.serving.Add(1)
	return true
}

// write sends the frames of the relay until the connection or the client ends.
func write(ctx context.Context, conn *websocket.Conn, c *Client) error {
	for {
		select {
		case frame := <-c.Frames():
			ctx, cancel := context.WithTimeout(ctx, writeDeadline)
			err := conn.Write(ctx, websocket.MessageText, frame)
			cancel()
			if err != nil {
				return err
			}
		case <-c.Done():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Inform writes the relay information (NIP-11).
func (r *Relay) Inform(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/nostr+json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_ = json.NewEncoder(w).Encode(map[string]any{ // It fails only when the client is gone.
		"name":           r.opts.Name,
		"description":    "a relay inside this program; it forgets everything when the program ends",
		"software":       "rhea",
		"supported_nips": []int{1, 9, 11, 40, 42, 70},
		"limitation": map[string]any{
			"max_message_length":     r.opts.MaxMessage,
			"max_subscriptions":      r.opts.MaxSubscriptions,
			"max_limit":              r.opts.MaxLimit,
			"max_subid_length":       64,
			"max_event_tags":         maxTags,
			"auth_required":          r.opts.AuthToRead && r.opts.AuthToWrite,
			"created_at_upper_limit": int(maxFuture.Seconds()),
		},
	})
}
