package relay_test

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestARefusalIsExplained adds the policy of the relay to refusals without a clear reason, and asks for the policy once
// a day.
func TestARefusalIsExplained(t *testing.T) {
	t.Parallel()
	const limits = `{"limitation": {"min_pow_difficulty": 24, "max_content_length": 3, "created_at_lower_limit": "60"}}`
	const both = " (it says that it takes 3 characters of text, and this has 5, and that it takes no events older than 1m)"
	for text, tt := range map[string]struct {
		document, want string
		asked          int32
	}{
		"pow: more":               {limits, "rejected: pow: more (it says that it wants 24 bits)", 1},
		"pow: 26 bits needed":     {limits, "rejected: pow: 26 bits needed", 0},
		"invalid: no":             {limits, "rejected: invalid: no" + both, 1},
		"go away":                 {limits, "rejected: go away" + both, 1},
		"blocked: no":             {limits, "rejected: blocked: no", 0},
		"error: disk":             {limits, "refused: error: disk", 0},
		"pow: none":               {`{}`, "rejected: pow: none", 1},
		"invalid: whatever":       {`<html>`, "rejected: invalid: whatever", 1},
		"invalid: for no reason":  {`{"limitation": {"max_content_length": -1}}`, "rejected: invalid: for no reason", 1},
		"pow: beyond all measure": {`{"limitation": {"min_pow_difficulty": 1e300}}`, "rejected: pow: beyond all measure", 1},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				var asked atomic.Int32
				r := net.New(t, "one.test", local.Options{}, relaytest.OK(false, text), relaytest.Behaviour{
					Informs: func(w http.ResponseWriter) bool {
						asked.Add(1)
						_, err := io.WriteString(w, tt.document)
						return err == nil
					},
				})
				c := newClient(t, newPositions(), net.DialContext)
				for range 3 {
					if err := c.Publish(t.Context(), r.URL(), noteAt(t, "hello", -time.Hour)); err == nil || err.Error() != tt.want {
						t.Errorf("%v, want %s", err, tt.want)
					}
				}
				if n := asked.Load(); n != tt.asked {
					t.Errorf("the relay was asked %d times, want %d", n, tt.asked)
				}
			})
		})
	}
}

// TestARejectionIsTyped checks the code and the demands in a rejection.
func TestARejectionIsTyped(t *testing.T) {
	t.Parallel()
	const limits = `{"limitation": {"min_pow_difficulty": 24, "created_at_lower_limit": 60}}`
	for text, want := range map[string]engine.Rejection{
		"pow: 26 bits needed":                            {Code: engine.CodePoW, PoW: 26},
		"pow: difficulty 20 is less than 28":             {Code: engine.CodePoW, PoW: 28},
		"pow: 22bits":                                    {Code: engine.CodePoW, PoW: 22},
		"pow: more, 63 for ever 1795276734":              {Code: engine.CodePoW, PoW: 63},
		"pow: 3f63a7 63ab 1795276734 0x99 lacks work":    {Code: engine.CodePoW, PoW: 24},
		"blocked: event too old":                         {Code: engine.CodeBadTimestamp},
		"invalid: created_at too late":                   {Code: engine.CodeBadTimestamp, NotBefore: time.Unix(1, 0)},
		"invalid: no":                                    {Code: engine.CodeBadTimestamp, NotBefore: time.Unix(1, 0)},
		"the timestamp is off":                           {Code: engine.CodeBadTimestamp, NotBefore: time.Unix(1, 0)},
		"blocked: it takes no events older than you are": {Code: engine.CodeBlocked},
		"restricted: members only":                       {Code: engine.CodeRestricted},
		"auth-required: what a timestamp":                {Code: engine.CodeAuthRequired},
		"replaced: have newer event":                     {},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, relaytest.OK(false, text), relaytest.Behaviour{
					Informs: func(w http.ResponseWriter) bool {
						_, err := io.WriteString(w, limits)
						return err == nil
					},
				})
				c := newClient(t, newPositions(), net.DialContext)
				err := c.Publish(t.Context(), r.URL(), noteAt(t, "hello", -time.Hour))
				no, ok := errors.AsType[*engine.Rejection](err)
				if !ok || no.Code != want.Code || no.PoW != want.PoW || no.NotBefore.IsZero() != want.NotBefore.IsZero() {
					t.Errorf("%+v, want %+v", err, want)
				}
			})
		})
	}
}
