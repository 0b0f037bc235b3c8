package cmd

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/relay"
)

const (
	// lookFor bounds all that a rule looks at.
	lookFor = 2 * time.Minute
	// skewed is how far clocks may be apart: relays refuse events from a future of a quarter of an hour, and the
	// date of a server has no fractions.
	skewed = time.Minute
)

// survey asks the servers that a configuration depends on whether they work, and shows the rules what they would find
// there. It only asks, and publishes nothing.
type survey struct {
	file *config.File
	// public and private are clients for strangers' addresses and for those in one's own network.
	public, private *http.Client
	network         *relay.Network
	ids             map[string]engine.Identity
	state           history

	mu       sync.Mutex
	problems config.Problems
	relays   map[string]relayReport
}

// relayReport is what is known of one relay.
type relayReport struct {
	Relay   string `json:"relay"`
	Answers bool   `json:"answers"`
	// Milliseconds is how long it took to connect and to answer a question.
	Milliseconds int64 `json:"milliseconds,omitempty"`
	// Error is why it does not answer.
	Error string `json:"error,omitempty"`
	// Says is its information document (NIP-11); nil when it has none.
	Says *relaySays `json:"says,omitempty"`

	policy relay.Policy
	// offset is how far our clock is ahead of the relay's, if it tells the time.
	offset time.Duration
	dated  bool
}

// relaySays is what a relay demands and allows, by its information document.
type relaySays struct {
	Auth       bool     `json:"auth_required,omitempty"`
	Payment    bool     `json:"payment_required,omitempty"`
	Restricted bool     `json:"restricted_writes,omitempty"`
	PoW        int      `json:"min_pow_difficulty,omitempty"`
	Refused    [][2]int `json:"kinds_not_kept,omitempty"`
	MaxMessage int      `json:"max_message_length,omitempty"`
	MaxContent int      `json:"max_content_length,omitempty"`
	MaxTags    int      `json:"max_event_tags,omitempty"`
}

func (s *survey) client(allowPrivate bool) *http.Client {
	if allowPrivate {
		return s.private
	}
	return s.public
}

func (s *survey) dir() string { return filepath.Dir(s.file.Paths[0]) }

// add notes what is wrong or odd at a place, once.
func (s *survey) add(severity config.Severity, place, code, message, hint string) {
	file, line := place, 1
	if i := strings.LastIndexByte(place, ':'); i > 0 {
		if n, err := strconv.Atoi(place[i+1:]); err == nil {
			file, line = place[:i], n
		}
	}
	p := config.Problem{
		Severity: severity, File: file, Line: line, Column: 1, Code: code,
		Message: engine.Redact(message), Hint: engine.Redact(hint),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.problems, p) {
		s.problems = append(s.problems, p)
	}
}

// Fetch implements [engine.Source]: it asks the relays that answer.
func (s *survey) Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	there := slices.DeleteFunc(slices.Clone(relays), func(r string) bool {
		known, asked := s.relays[r]
		return asked && !known.Answers
	})
	if len(there) == 0 {
		return nil, nil
	}
	return s.network.Fetch(ctx, there, filter)
}

// Subscribe implements [engine.Source]: a survey waits for nothing.
func (s *survey) Subscribe(ctx context.Context, _ engine.Query, _ func(context.Context, engine.Received) error) (func(), error) {
	return func() { <-ctx.Done() }, nil
}

var _ engine.Source = (*survey)(nil)
