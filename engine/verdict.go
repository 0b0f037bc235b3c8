package engine

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// verdict is what one try to deliver an event means.
type verdict struct {
	meaning meaning
	reason  string
	// after is the least time until the next try, for limited.
	after time.Duration
}

type meaning int

const (
	// accepted: the relay has the event.
	accepted meaning = iota
	// final: the relay will never take these bytes, and may take any other.
	final
	// barred: the relay does not take events of this identity.
	barred
	// limited: the relay wants fewer events of this identity.
	limited
	// laborious: the relay wants proof of work.
	laborious
	// misdated: created_at lies outside the relay's window.
	misdated
	// refused: a no that may pass.
	refused
	// unanswered: the event was sent and nobody knows what became of it.
	unanswered
	// unreachable: nothing was sent.
	unreachable
	// undecided: what is to be sent depends on another relay that is being asked.
	undecided
)

// noAnswer begins the reason of every try whose outcome is unknown, also in the ledger.
const noAnswer = "no answer: "

// judge reads what a Publisher returned.
func judge(err error) verdict {
	if err == nil {
		return verdict{meaning: accepted}
	}
	if no, ok := errors.AsType[*Rejection](err); ok {
		return verdict{meaning: meaningOf(no.Reason), reason: no.Reason}
	}
	if later, ok := errors.AsType[*Later](err); ok {
		return verdict{limited, later.Reason, later.After}
	}
	if no, ok := errors.AsType[*Refusal](err); ok {
		if badDate.MatchString(no.Reason) {
			return verdict{meaning: misdated, reason: no.Reason}
		}
		return verdict{meaning: refused, reason: no.Reason}
	}
	if away, ok := errors.AsType[*Unreachable](err); ok {
		return verdict{meaning: unreachable, reason: away.Error()}
	}
	return verdict{meaning: unanswered, reason: noAnswer + err.Error()}
}

// badDate finds the words in which relays complain about created_at; there is no prefix for it.
var badDate = regexp.MustCompile(`(?i)created_at|timestamp|too old|too (far|much) in the|takes no events (older|dated)`)

// meaningOf is the table of final answers (NIP-01, NIP-42).
func meaningOf(reason string) meaning {
	prefix, _, _ := strings.Cut(strings.TrimPrefix(reason, "ERROR: "), ":")
	switch {
	case prefix == "pow":
		return laborious
	case prefix != "auth-required" && badDate.MatchString(reason):
		return misdated
	case prefix == "blocked", prefix == "restricted", prefix == "auth-required":
		return barred
	default:
		// invalid, replaced, deleted, mute and whatever a relay makes up: about this event only.
		return final
	}
}
