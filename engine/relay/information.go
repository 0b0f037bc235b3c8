package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// limitsAge is how long what a relay tells about itself is believed.
	limitsAge = 24 * time.Hour
	// maxInformation bounds the relay information in bytes, and informationDeadline the wait for it.
	maxInformation      = 64 << 10
	informationDeadline = 10 * time.Second
)

// ask takes over the limits that the relay tells (NIP-11). They are hints: often absent, sometimes untrue.
func (p *planner) ask() {
	told, err := information(p.ctx, p.session.client, p.session.url)
	if err != nil {
		p.log.Debug("no relay information", "error", err)
		return
	}
	p.told(told)
}

// information reads the relay information. A limit of 0 was not told.
func information(ctx context.Context, client *http.Client, relay string) (limits, error) {
	ctx, cancel := context.WithTimeout(ctx, informationDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http"+strings.TrimPrefix(relay, "ws"), nil)
	if err != nil {
		return limits{}, fmt.Errorf("relay information: %w", err)
	}
	req.Header.Set("Accept", "application/nostr+json")
	req.Header.Set("User-Agent", "rhea")
	resp, err := client.Do(req)
	if err != nil {
		return limits{}, fmt.Errorf("relay information: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // It was only read.
	if resp.StatusCode != http.StatusOK {
		return limits{}, fmt.Errorf("relay information: the relay answered %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxInformation))
	if err != nil {
		return limits{}, fmt.Errorf("relay information: %w", err)
	}
	return parseInformation(body)
}

// parseInformation takes each limit for itself: one of the wrong type says nothing about the others.
func parseInformation(body []byte) (limits, error) {
	var document struct {
		Limitation map[string]json.RawMessage `json:"limitation"`
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return limits{}, fmt.Errorf("relay information: %w", err)
	}
	number := func(name string) int {
		var n float64
		if json.Unmarshal(document.Limitation[name], &n) != nil || n < 1 || n > 1<<30 {
			return 0
		}
		return int(n)
	}
	return limits{
		subscriptions: number("max_subscriptions"),
		filters:       number("max_filters"),
		bytes:         number("max_message_length"),
	}, nil
}

// told takes over what a relay says about its limits, within reason.
func (p *planner) told(lim limits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.limits
	set := func(to *int, told, least, most int) {
		if told > 0 {
			*to = min(max(told, least), most)
		}
	}
	set(&p.limits.subscriptions, lim.subscriptions, 1, 50)
	set(&p.limits.filters, lim.filters, 1, 20)
	set(&p.limits.bytes, lim.bytes, 4<<10, 120<<10)
	if p.limits != known && len(p.groups) > min(known.standing(), p.limits.standing()) {
		p.anew = true
		poke(p.wake)
	}
}
