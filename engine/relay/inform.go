package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Policy is what a relay says it accepts, and from whom (NIP-11). The values are hints: often absent, sometimes wrong.
type Policy struct {
	// AuthRequired, PaymentRequired and RestrictedWrites are conditions that a client may have to meet.
	AuthRequired, PaymentRequired, RestrictedWrites bool
	// PoW is the proof of work it wants, in leading zero bits; 0 for none.
	PoW int
	// MaxSubscriptions per connection, MaxFilters per REQ and MaxMessage in bytes are its limits; 0 when it names none.
	MaxSubscriptions, MaxFilters, MaxMessage int
	// MaxContent is the longest content in characters, MaxTags the most tags of an event; 0 when it names none.
	MaxContent, MaxTags int
	// MaxPast and MaxFuture are how far the date of an event may be off; 0 when it names none.
	MaxPast, MaxFuture time.Duration
	// PaymentsURL is where to pay.
	PaymentsURL string
	// Refused are the kinds, from first to last, with a retention time of zero.
	Refused [][2]int
	// Date is the time of its server; zero when it is not known.
	Date time.Time
}

// maxPolicy bounds how much of the document is read.
const maxPolicy = 256 << 10

// Inform asks a relay for its policy. Date is set when the server has answered at all. A value of a wrong type is left
// out: many relays have one.
func Inform(ctx context.Context, client *http.Client, address string) (Policy, error) {
	var p Policy
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http"+strings.TrimPrefix(address, "ws"), nil)
	if err != nil {
		return p, err
	}
	req.Header.Set("Accept", "application/nostr+json")
	resp, err := client.Do(req)
	if err != nil {
		return p, err
	}
	defer func() { _ = resp.Body.Close() }() // It was only read.
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		p.Date = date
	}
	if resp.StatusCode != http.StatusOK {
		return p, fmt.Errorf("it answers %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPolicy+1))
	switch {
	case err != nil:
		return p, err
	case len(body) > maxPolicy:
		return p, fmt.Errorf("its document is larger than %d KiB", maxPolicy>>10)
	}
	return p, p.read(body)
}

// read decodes the fields that are valid.
func (p *Policy) read(body []byte) error {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(body, &document); err != nil || document == nil {
		return errors.New("what it says about itself is not a JSON object")
	}
	p.PaymentsURL = lenient[string](document["payments_url"])
	limits := lenient[map[string]json.RawMessage](document["limitation"])
	p.AuthRequired = lenient[bool](limits["auth_required"])
	p.PaymentRequired = lenient[bool](limits["payment_required"])
	p.RestrictedWrites = lenient[bool](limits["restricted_writes"])
	p.PoW, _ = integer(limits["min_pow_difficulty"])
	p.MaxSubscriptions, _ = integer(limits["max_subscriptions"])
	p.MaxFilters, _ = integer(limits["max_filters"])
	p.MaxMessage, _ = integer(limits["max_message_length"])
	p.MaxContent, _ = integer(limits["max_content_length"])
	p.MaxTags, _ = integer(limits["max_event_tags"])
	p.MaxPast, p.MaxFuture = seconds(limits["created_at_lower_limit"]), seconds(limits["created_at_upper_limit"])
	for _, raw := range lenient[[]json.RawMessage](document["retention"]) {
		rule := lenient[map[string]json.RawMessage](raw)
		if string(rule["time"]) != "0" {
			continue
		}
		for _, kind := range lenient[[]json.RawMessage](rule["kinds"]) {
			span := lenient[[]json.RawMessage](kind)
			if len(span) != 2 {
				span = []json.RawMessage{kind, kind}
			}
			first, ok := integer(span[0])
			if last, alsoOK := integer(span[1]); ok && alsoOK {
				p.Refused = append(p.Refused, [2]int{first, last})
			}
		}
	}
	return nil
}

// seconds reads a time span, at most some 34 years.
func seconds(raw json.RawMessage) time.Duration {
	n, _ := integer(raw)
	return time.Duration(min(n, 1<<30)) * time.Second
}

// lenient decodes a value; one of a wrong type counts as absent.
func lenient[T any](raw json.RawMessage) T {
	var value, zero T
	if json.Unmarshal(raw, &value) != nil {
		return zero
	}
	return value
}

// integer reads a number that is not negative, also in quotes or with a fraction.
func integer(raw json.RawMessage) (int, bool) {
	var n float64
	if json.Unmarshal([]byte(strings.Trim(string(raw), `"`)), &n) != nil || n < 0 || n > 1<<40 {
		return 0, false
	}
	return int(n), true
}

// Objections returns in what ways an event violates the policy, nothing when it does not.
func (p Policy) Objections(e *nostr.Event, now time.Time) []string {
	var all []string
	if slices.ContainsFunc(p.Refused, func(kinds [2]int) bool { return kinds[0] <= e.Kind && e.Kind <= kinds[1] }) {
		all = append(all, fmt.Sprintf("does not keep events of kind %d", e.Kind))
	}
	more := func(what string, is, most int) {
		if most > 0 && is > most {
			all = append(all, fmt.Sprintf("takes %d %s, and this has %d", most, what, is))
		}
	}
	more("characters of text", utf8.RuneCountInString(e.Content), p.MaxContent)
	more("tags", len(e.Tags), p.MaxTags)
	more("bytes", len(e.String())+len(`["EVENT",]`), p.MaxMessage)
	from, to := p.dateBounds(now)
	if e.CreatedAt.Time().Before(from) {
		all = append(all, "takes no events older than "+engine.Duration(p.MaxPast).String())
	}
	if !to.IsZero() && e.CreatedAt.Time().After(to) {
		all = append(all, "takes no events dated more than "+engine.Duration(p.MaxFuture).String()+" ahead")
	}
	return all
}

// dateBounds returns the bounds of created_at in the policy, each zero when there is none.
func (p Policy) dateBounds(now time.Time) (from, to time.Time) {
	if p.MaxPast > 0 {
		from = now.Add(-p.MaxPast)
	}
	if p.MaxFuture > 0 {
		to = now.Add(p.MaxFuture)
	}
	return from, to
}

// rejectsDate reports whether the date of the event is outside of these bounds.
func (p Policy) rejectsDate(e *nostr.Event, now time.Time) bool {
	from, to := p.dateBounds(now)
	at := e.CreatedAt.Time()
	return at.Before(from) || !to.IsZero() && at.After(to)
}
