package enginetest

import (
	"reflect"
	"slices"
	"strconv"
	"time"

	"rhea/engine"
)

func journal(b *bench) (engine.Journal, bool) {
	j, ok := b.open().(engine.Journal)
	return j, ok
}

func record(b *bench, j engine.Journal, d engine.Decision) {
	b.Helper()
	if err := j.Record(b.Context(), d); err != nil {
		b.Errorf("record: %v", err)
	}
}

// found returns the keys of the decisions that q selects.
func found(b *bench, j engine.Journal, q engine.HistoryQuery) []string {
	b.Helper()
	decisions, err := j.History(b.Context(), q)
	if err != nil {
		b.Errorf("history: %v", err)
	}
	keys := make([]string, len(decisions))
	for i, d := range decisions {
		keys[i] = d.Key
	}
	return keys
}

func historyOrder(b *bench) {
	j, ok := journal(b)
	if !ok {
		return
	}
	outcomes := []engine.Outcome{engine.Fired, engine.ConditionFalse, engine.ActionError}
	for i := range 150 {
		record(b, j, engine.Decision{At: time.Now(), Rule: "r", Trigger: "t", Key: strconv.Itoa(i), Outcome: outcomes[i%3]})
		pass(time.Duration(i%2) * time.Second)
	}
	pass(time.Minute)
	got := found(b, j, engine.HistoryQuery{})
	if len(got) != 100 {
		b.Fatalf("%d decisions without a limit, want 100", len(got))
	}
	if n := len(found(b, j, engine.HistoryQuery{Limit: 1000})); n != 150 {
		b.Errorf("%d decisions, want 150", n)
	}
	for i, k := range found(b, j, engine.HistoryQuery{Limit: 3}) {
		if k != strconv.Itoa(149-i) {
			b.Errorf("decision %d is %s", i, k)
		}
	}
}

func historyFields(b *bench) {
	l := b.open()
	j, ok := l.(engine.Journal)
	if !ok {
		return
	}
	want := engine.Decision{
		At: time.Now(), Rule: "r", Trigger: "t", Key: "k\x00\n", Outcome: engine.Fired, Reason: "why <&>", Relay: relayA,
		Gates:     []engine.Verdict{{Gate: "age", Pass: true, Detail: "3s"}, {Gate: "self", Pass: true}},
		Published: []string{"1", "2"}, About: &engine.Subject{Author: "a", Name: "Ann", Words: "hello \"bot\"\n日本"},
	}
	record(b, j, want)
	record(b, j, engine.Decision{At: time.Now().Add(time.Second), Rule: "r", Key: "bare", Outcome: engine.Self})
	l = b.reopen(l)
	got, err := l.(engine.Journal).History(b.Context(), engine.HistoryQuery{})
	if err != nil || len(got) != 2 {
		b.Fatalf("history = %v, %v", got, err)
	}
	if !got[1].At.Equal(want.At) {
		b.Errorf("at = %v, want %v", got[1].At, want.At)
	}
	got[1].At = want.At
	if !reflect.DeepEqual(got[1], want) {
		b.Errorf("got  %+v\nwant %+v", got[1], want)
	}
	if len(got[0].Gates) != 0 || len(got[0].Published) != 0 || got[0].About != nil {
		b.Errorf("got %+v", got[0])
	}
}

func historySelects(b *bench) {
	j, ok := journal(b)
	if !ok {
		return
	}
	start := time.Now()
	for i, d := range []engine.Decision{
		{Rule: "a", Outcome: engine.Fired},
		{Rule: "b", Outcome: engine.Fired},
		{Rule: "a", Outcome: engine.ConditionFalse},
		{Rule: "a", Outcome: engine.ConditionError},
	} {
		d.At, d.Key = start.Add(time.Duration(i)*time.Second), strconv.Itoa(i)
		d.Published = []string{"id" + d.Key, "other" + d.Key}
		record(b, j, d)
	}
	pass(time.Minute)
	for _, c := range []struct {
		query engine.HistoryQuery
		want  []string
	}{
		{engine.HistoryQuery{}, []string{"3", "2", "1", "0"}},
		{engine.HistoryQuery{Rule: "a"}, []string{"3", "2", "0"}},
		{engine.HistoryQuery{Outcome: engine.Fired}, []string{"1", "0"}},
		{engine.HistoryQuery{Rule: "a", Outcome: engine.Fired}, []string{"0"}},
		{engine.HistoryQuery{Since: start.Add(2 * time.Second)}, []string{"3", "2"}},
		{engine.HistoryQuery{Limit: 1}, []string{"3"}},
		{engine.HistoryQuery{Event: "2"}, []string{"2"}},
		{engine.HistoryQuery{Event: "other2"}, []string{"2"}},
		{engine.HistoryQuery{Event: "oth"}, []string{"3", "2", "1", "0"}},
		{engine.HistoryQuery{Event: "ther2"}, []string{}},
		{engine.HistoryQuery{Rule: "none"}, []string{}},
	} {
		if got := found(b, j, c.query); !slices.Equal(got, c.want) {
			b.Errorf("%+v selects %q, want %q", c.query, got, c.want)
		}
	}
}

func historyOfCommit(b *bench) {
	l := b.open()
	if _, ok := l.(engine.Journal); !ok {
		return
	}
	b.commit(l, entry("k"), true)
	b.commit(l, entry("k"), false)
	l = b.crash()
	if got := found(b, l.(engine.Journal), engine.HistoryQuery{}); !slices.Equal(got, []string{"k"}) {
		b.Errorf("history = %q, want the committed decision", got)
	}
}

func historyFlood(b *bench) {
	j, ok := journal(b)
	if !ok {
		return
	}
	record(b, j, engine.Decision{At: time.Now(), Rule: "r", Trigger: "t", Key: "fired", Outcome: engine.Fired})
	record(b, j, engine.Decision{At: time.Now(), Rule: "r", Trigger: "t", Key: "failed", Outcome: engine.ActionError})
	const flood = 25_000
	for range flood {
		record(b, j, engine.Decision{At: time.Now(), Rule: "r", Trigger: "t", Key: "x", Outcome: engine.BadSignature})
	}
	pass(time.Hour)
	if n := len(found(b, j, engine.HistoryQuery{Limit: 2 * flood})); n >= flood {
		b.Errorf("%d decisions are kept: no cap", n)
	}
	for _, o := range []engine.Outcome{engine.Fired, engine.ActionError} {
		if n := len(found(b, j, engine.HistoryQuery{Outcome: o})); n != 1 {
			b.Errorf("%d decisions with the outcome %s, want 1", n, o)
		}
	}
}
