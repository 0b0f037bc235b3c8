package main

// figure is a line of the table: what is measured, beside whose, and what is wanted.
type figure struct {
	goal int // its number, 0 for none
	name string
	ours value
	peer string // whose the baseline is
	base value
	want want
}

// ns is a value that every benchmark has.
func ns(bench string) value { return value{bench, "ns/op"} }

// goalVerify is how long go-nostr takes to verify a signature on the machine of the goals.
const goalVerify = 118 * microsecond

// verify tells how fast this machine is, and verifyBusy how long it takes while it also does other things.
func verify() value { return value{"Verify/baseline go-nostr", "best-µs"} }

func verifyBusy() value { return ns("Verify/baseline go-nostr") }

// figures is the table. Goals in time and in rates are those of a machine that verifies a signature with go-nostr in
// goalVerify; [want.fixed] marks those that no faster machine helps.
func figures() []figure {
	frame := func(of string) value { return ns("Dispatch/note/" + of) }
	match := func(of string) value { return ns("Match/" + of) }
	socket := func(of string) value { return value{"Socket/" + of, "µs/frame"} }
	unique := func(of string) value { return value{"Unique/" + of, "events/s"} }
	reply := func(of string) value { return value{"Replies/64 in flight", of + "-replies/s"} }
	cpu := func(of string) value { return value{"Replies/64 in flight", of + "-cpu-µs/reply"} }
	alone := func(of string) value { return value{"Replies/1 in flight", of + "-p50-µs"} }
	npm := func(of string) value { return value{"Peers/64 in flight", of + "-replies/s"} }
	npmAlone := func(of string) value { return value{"Peers/1 in flight", of + "-p50-µs"} }
	start := func(of string) value { return value{"Start", of + "-start-ms"} }
	rule := func(of, unit string) value { return value{"Rules/" + of, unit} }
	far := func(of string) value { return value{"DistantRelay/" + of, "notes/s"} }
	guards := func(of string) value { return value{"Guards", of} }
	return []figure{
		{1, "frame: a duplicate", frame("duplicate"), "go-nostr", frame("baseline go-nostr"), mostTimes(1. / 500)},
		{1, "", frame("duplicate"), "", value{}, most(0.25 * microsecond)},
		{1, "frame: an unwanted event", frame("unmatched"), "go-nostr", frame("baseline go-nostr"), mostTimes(1. / 500)},
		{1, "", frame("unmatched"), "", value{}, most(0.25 * microsecond)},
		{1, "a duplicate, with the socket", socket("duplicates"), "go-nostr", socket("baseline go-nostr"), most(3 * microsecond)},
		{2, "match: 100,000 rules, 0 fire", match("100000 rules/0 fire"), "10 rules", match("10 rules/0 fire"), most(0.2 * microsecond)},
		{2, "match: 100,000 rules, 3 fire", match("100000 rules/3 fire"), "10 rules", match("10 rules/3 fire"), most(1 * microsecond)},
		{2, "", match("100000 rules/3 fire"), "one by one", match("100000 rules/baseline filter after filter"), none()},
		{3, "unique events from 4 relays", unique("same events from four relays"), "go-nostr", unique("baseline go-nostr"), leastTimes(3)},
		{4, "replies, 64 in flight", reply("rhea"), "go-nostr", reply("go-nostr"), leastTimes(1)},
		{4, "", reply("rhea"), "", value{}, least(5000)},
		{4, "", npm("rhea"), "nostr-tools", npm("nostr-tools"), leastTimes(15)},
		{4, "", npm("rhea"), "nostr-wasm", npm("nostr-tools-wasm"), none()},
		{4, "", npm("rhea"), "NDK", npm("ndk"), leastTimes(15)},
		{4, "the same with libsecp256k1", value{"libsecp256k1 Replies/64 in flight", "rhea-replies/s"}, "", value{}, least(10_000)},
		{4, "CPU of a reply", cpu("rhea"), "go-nostr", cpu("go-nostr"), none()},
		{5, "one mention in flight, p50", alone("rhea"), "go-nostr", alone("go-nostr"), mostTimes(1.5)},
		{5, "", npmAlone("rhea"), "nostr-tools", npmAlone("nostr-tools"), mostTimes(1. / 5)},
		{5, "", npmAlone("rhea"), "NDK", npmAlone("ndk"), none()},
		{6, "idle memory, 10 rules", value{"Memory", "idle-MB"}, "go-nostr", value{"Memory", "go-nostr-idle-MB"}, most(20 * megabyte)},
		{6, "start to subscribed, old state", start("old-state"), "go-nostr", start("go-nostr"), most(50 * millisecond)},
		{6, "start to subscribed, new state", start("new-state"), "go-nostr", start("go-nostr"), most(50 * millisecond)},
		{7, "commits, 64 at once", value{"Commit/callers=64", "commits/s"}, "write and fsync", ns("Fsync"), least(30_000)},
		{7, "commits, 64 at once, p99", value{"Commit/callers=64", "p99-ms"}, "", value{}, most(5 * millisecond)},
		{8, "binary, no cgo, no PostgreSQL", value{"Memory", "binary-MB"}, "go-nostr", value{"Memory", "go-nostr-binary-MB"}, most(30 * megabyte)},
		{9, "feed of 100 KB: unchanged", ns("Feed/unchanged"), "parse", ns("Feed/baseline parsing it"), mostTimes(1. / 100)},
		{9, "1,000 feeds: heap", value{"ThousandFeeds/unchanged", "heap-MB"}, "", value{}, none()},
		{10, "kill -9: 0 lost, 0 doubled", value{"TestKill", passed}, "", value{}, least(1)},
		{11, "relay 20 ms away, 1 author", far("20ms/authors=1"), "one at a time", far("20ms/baseline go-nostr"), least(400).fixed()},
		{11, "relay 20 ms away, 16 authors", far("20ms/authors=16"), "one at a time", far("20ms/baseline go-nostr"), least(400).fixed()},
		{11, "relay 80 ms away, 1 author", far("80ms/authors=1"), "one at a time", far("80ms/baseline go-nostr"), least(100).fixed()},
		{11, "relay 80 ms away, 16 authors", far("80ms/authors=16"), "one at a time", far("80ms/baseline go-nostr"), least(100).fixed()},
		{12, "idle rule, of 10,000: memory", rule("10000", "bytes/rule"), "go-nostr", rule("baseline go-nostr", "bytes/rule"), most(6 * kilobyte)},
		{12, "idle rule: goroutines", rule("10000", "goroutines/rule"), "go-nostr", rule("baseline go-nostr", "goroutines/rule"), most(0.01)},
		{12, "start of 10,000 rules", rule("10000", "start-ms"), "go-nostr", rule("baseline go-nostr", "start-ms"), most(1 * second)},
		{13, "replies, guards, 500 authors", guards("guarded-replies/s"), "guards off", guards("unguarded-replies/s"), leastTimes(0.77)},
		{13, "CPU of a reply, guards", guards("guarded-cpu-µs/reply"), "guards off", guards("unguarded-cpu-µs/reply"), none()},
		{13, "status on a million rows", ns("Verbs/status"), "", value{}, most(50 * millisecond)},
		{0, "history on a million rows", ns("Verbs/history"), "", value{}, most(50 * millisecond)},
		{0, "explain on a million rows", ns("Verbs/explain"), "", value{}, most(50 * millisecond)},
		{0, "outbox on a million rows", ns("Verbs/outbox list"), "", value{}, most(50 * millisecond)},
		{0, "verify, an author met before", ns("Verify/known author"), "go-nostr", ns("Verify/baseline go-nostr"), none()},
		{0, "sign", ns("Sign/signer"), "go-nostr", ns("Sign/baseline go-nostr"), none()},
		{0, "parse and hash an event", ns("Frame/parse and hash"), "encoding/json", ns("Frame/baseline encoding-json"), none()},
		{0, "write an EVENT frame", ns("EventFrame/by hand"), "encoding/json", ns("EventFrame/baseline encoding json"), none()},
		{0, "check of 1,000 rules", ns("Check/check"), "YAML alone", ns("Check/baseline yaml alone"), none()},
		{0, "10,000 rules: an event for one", rule("10000", "match-µs"), "", value{}, none()},
	}
}
