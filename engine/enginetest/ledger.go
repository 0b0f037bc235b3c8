package enginetest

import (
	"testing"
	"testing/synctest"
)

// Ledger proves that a ledger keeps its promises. NewStore returns an empty store whose ledgers are closed by
// t.Cleanup. Each check runs in a bubble of testing/synctest, so the ledger must take its time from package time and
// start its goroutines when it is opened. Journals are checked too where the ledger is one.
func Ledger(t *testing.T, newStore func(t testing.TB) LedgerStore) {
	t.Helper()
	for name, check := range map[string]func(*bench){
		"a claim is fresh once":                           freshOnce,
		"a claim belongs to its rule":                     claimOfRule,
		"concurrent commits of one claim":                 concurrentClaim,
		"concurrent commits of many claims":               concurrentClaims,
		"a refused commit stores nothing":                 refusedCommit,
		"any text is a key":                               oddKeys,
		"a claim is kept as long as asked":                keep,
		"an ended context commits nothing":                endedContext,
		"two openers agree":                               twoOpeners,
		"a closed ledger refuses":                         closed,
		"counters are counted by time":                    marksByTime,
		"counters survive a crash":                        marksSurvive,
		"a counter counts as often as it is made":         marksAtOnce,
		"what waits":                                      waits,
		"what failed runs again":                          runsAgain,
		"one order of many has what failed run again":     runsAgainAtOnce,
		"what waits survives a crash":                     waitsSurvive,
		"what waits does not wait for ever":               waitsEnd,
		"positions":                                       positions,
		"positions survive closing":                       positionsSurvive,
		"a position is kept as long as asked":             positionsKept,
		"the first position of a stream survives a crash": firstAdvance,
		"a lost position is an older one":                 lostAdvance,
		"a crash between commit and delivery":             crashBeforeDelivery,
		"a crash after delivery":                          crashAfterDelivery,
		"a crash keeps every commit":                      crashKeepsAll,
		"deliveries carry everything":                     deliveryFields,
		"commits while relays are served":                 commitsMeanwhile,
		"one relay is served in order":                    relayOrder,
		"a relay has as many under way as it answers":     promptRelay,
		"a relay that answers late has one under way":     lateAnswers,
		"what has not left is followed by nothing":        nothingFollows,
		"one of many under way is not accepted":           refusedAmongMany,
		"related events are not under way together":       relatedOrder,
		"what is dropped or replaced while many are sent": changedAmongMany,
		"a slow relay stalls nobody else":                 slowRelay,
		"a retry waits and lets others pass":              retryPasses,
		"retries are due in order of commit":              retryOrder,
		"a retry is remembered":                           retrySurvives,
		"a try that did not count":                        pendingTry,
		"a delivery that is held back":                    heldBack,
		"a relay rests":                                   resting,
		"a relay rests after a try":                       restCounts,
		"a resting relay is woken":                        wakes,
		"what is due":                                     dueBy,
		"the progress of an event":                        progressOf,
		"the latest version":                              latest,
		"an event by its id":                              eventByID,
		"an event is replaced":                            replaced,
		"an accepted event is not replaced":               keptWhenAccepted,
		"a commit wakes the drain":                        commitWakes,
		"the drain stops after the running calls":         drainStops,
		"the drain stops when nothing is owed":            drainIdle,
		"what is settled stays settled":                   settledStays,
		"the outbox lists":                                outboxLists,
		"the outbox retries":                              outboxRetry,
		"the outbox drops":                                outboxDrop,
		"what is dropped while it is under way":           outboxDropUnderWay,
		"what is dropped while its relay is served":       outboxDropMeanwhile,
		"history is newest first":                         historyOrder,
		"history keeps every field":                       historyFields,
		"history selects":                                 historySelects,
		"history of a commit":                             historyOfCommit,
		"history keeps the interesting through a flood":   historyFlood,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { check(&bench{T: t, store: newStore(t)}) })
		})
	}
}
