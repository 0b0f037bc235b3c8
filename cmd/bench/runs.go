package main

import (
	"regexp"
	"slices"
	"strings"
)

// run is one call of go test.
type run struct {
	// benches are the functions, without "Benchmark", or a test. Of those with sub-benchmarks the ones run that a figure
	// names.
	benches string
	pkg     string
	// time is what -benchtime takes, and rounds how often all of it is run, in turns with the others.
	time   string
	rounds int
	env    []string
	tags   string
}

// runs says how all that the figures name is measured, in some eight minutes on two cores.
func runs() []run {
	rows := []string{"RHEA_ROWS=1000000"}
	peers := []string{"RHEA_PEERS=1"}
	return []run{
		{benches: "Verify Dispatch Match Frame EventFrame", pkg: "./engine/relay", time: "0.2s", rounds: 3},
		{benches: "Socket Unique", pkg: "./engine/relay", time: "0.5s", rounds: 3},
		{benches: "Sign", pkg: "./engine/key", time: "0.2s", rounds: 3},
		{benches: "Feed", pkg: "./triggers/feed", time: "0.5s", rounds: 3},
		{benches: "Fsync Commit", pkg: "./engine/ledger/sqlite", time: "1s", rounds: 3},
		{benches: "Replies", pkg: "./cmd", time: "3s", rounds: 3},
		{benches: "Start", pkg: "./cmd", time: "1s", rounds: 3},
		{benches: "Guards", pkg: "./cmd", time: "1x", rounds: 3},
		{benches: "Peers", pkg: "./cmd", time: "6s", rounds: 1, env: peers},
		{benches: "Memory Check", pkg: "./cmd", time: "1s", rounds: 1},
		{benches: "Rules", pkg: "./cmd", time: "1x", rounds: 1},
		{benches: "Verbs", pkg: "./engine/ledger/sqlite", time: "0.5s", rounds: 1, env: rows},
		{benches: "ThousandFeeds", pkg: "./triggers/feed", time: "1x", rounds: 1},
		// The notes at the start, when the relay has not yet shown that it takes more than one, weigh less among many.
		{benches: "DistantRelay", pkg: "./engine/bot", time: "2000x", rounds: 1},
		{benches: "Replies", pkg: "./cmd", time: "4s", rounds: 1, tags: "libsecp256k1"},
		{benches: "TestKill", pkg: "./cmd", time: "1x", rounds: 1},
	}
}

// has reports whether a run measures a value.
func (r run) has(v value) bool {
	name, tagged := strings.CutPrefix(v.bench, r.tags+" ")
	if r.tags == "" {
		name, tagged = v.bench, true
	}
	top, _, _ := strings.Cut(name, "/")
	return tagged && slices.Contains(strings.Fields(r.benches), top)
}

// args are those of go test for what the figures name.
func (r run) args() []string {
	var benches, tests []string
	for _, v := range values() {
		switch name := strings.TrimPrefix(v.bench, r.tags+" "); {
		case !r.has(v):
		case v.unit == passed:
			tests = append(tests, pattern(name))
		default:
			benches = append(benches, pattern("Benchmark"+name))
		}
	}
	args := []string{"test", "-v", "-timeout", "20m", "-run", union(tests), "-bench", union(benches), "-benchtime", r.time}
	if r.tags != "" {
		args = append(args, "-tags", r.tags)
	}
	return append(args, r.pkg)
}

// values are all that the table shows.
func values() []value {
	all := []value{verify()}
	for _, f := range figures() {
		all = append(all, f.ours)
		if f.peer != "" {
			all = append(all, f.base)
		}
	}
	return all
}

// pattern matches one benchmark alone.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// union matches what one of the patterns matches, and nothing if there is none.
func union(patterns []string) string {
	if len(patterns) == 0 {
		return "^$"
	}
	slices.Sort(patterns)
	return strings.Join(slices.Compact(patterns), "|")
}
