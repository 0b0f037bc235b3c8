package delivery

import (
	"errors"
	"strings"
	"time"

	"rhea/engine"
)

// answer is what one try to deliver an event means.
type answer struct {
	meaning meaning
	reason  string
	// after is the least time until the next try, for limited.
	after time.Duration
	// bits is what needsPoW asks for, notBefore what badTimestamp does; zero when the relay does not say.
	bits      int
	notBefore time.Time
}

type meaning int

const (
	// unknown: nothing was asked. It is the zero value, so that an answer that was not given is none.
	unknown meaning = iota
	// accepted: the relay has the event.
	accepted
	// final: the relay will never take these bytes, and may take any other.
	final
	// blockedIdentity: the relay does not take events of this identity.
	blockedIdentity
	// limited: the relay wants fewer events of this identity.
	limited
	// needsPoW: the relay wants proof of work.
	needsPoW
	// badTimestamp: created_at lies outside the relay's window.
	badTimestamp
	// demanding: what the relay wants instead, as needsPoW and badTimestamp say, is made at the next try.
	demanding
	// refused: a no that may pass.
	refused
	// unanswered: the event was sent and nobody knows what became of it.
	unanswered
	// unreachable: nothing was sent.
	unreachable
	// overdue: the event has expired (NIP-40). Nothing is sent.
	overdue
	// superseded: the relay has or is owed a newer version. Nothing is sent.
	superseded
	// gone: the delivery was given up by hand. Nothing is sent.
	gone
	// undecided: what is to be sent depends on another relay that is being asked.
	undecided
)

// noAnswer begins the reason of every try whose outcome is unknown, also in the ledger.
const noAnswer = "no answer: "

// Unanswered reports whether a delivery with this reason may have arrived without the relay having said so.
func Unanswered(reason string) bool { return strings.HasPrefix(reason, noAnswer) }

// judge reads what a Publisher returned.
func judge(err error) answer {
	if err == nil {
		return answer{meaning: accepted}
	}
	if no, ok := errors.AsType[*engine.Rejection](err); ok {
		return answer{meaning: meaningOf(no.Code), reason: no.Reason, bits: no.PoW, notBefore: no.NotBefore}
	}
	if later, ok := errors.AsType[*engine.Later](err); ok {
		return answer{meaning: limited, reason: later.Reason, after: later.After}
	}
	if no, ok := errors.AsType[*engine.Refusal](err); ok {
		return answer{meaning: refused, reason: no.Reason}
	}
	if away, ok := errors.AsType[*engine.Unreachable](err); ok {
		return answer{meaning: unreachable, reason: away.Error()}
	}
	return answer{meaning: unanswered, reason: noAnswer + err.Error()}
}

// meaningOf is the table of final answers.
func meaningOf(code engine.OKCode) meaning {
	switch code {
	case engine.CodePoW:
		return needsPoW
	case engine.CodeBadTimestamp:
		return badTimestamp
	case engine.CodeBlocked, engine.CodeRestricted, engine.CodeAuthRequired:
		return blockedIdentity
	default:
		// invalid, replaced, deleted, mute and whatever a relay makes up: about this event only.
		return final
	}
}
