package cmd_test

import (
	"errors"
	"testing"

	"rhea/engine/config"
)

// TestNothingIsOdd reads rules that are right and near to what is warned about: a trigger, conditions and actions.
func TestNothingIsOdd(t *testing.T) {
	t.Parallel()
	const npub = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6"
	for _, rule := range []string{
		// Who is answered.
		`{ trigger: { nostr: { kinds: [1] } }, if: event.content contains "rhea", actions: [{ reply: { content: hi } }] }`,
		`{ trigger: { nostr: { kinds: [1], authors: [` + npub + `] } }, actions: [{ repost: {} }] }`,
		`{ trigger: { nostr: { kinds: [1], tags: { t: [rhea] } } }, actions: [{ react: {} }] }`,
		`{ trigger: { nostr: { search: rhea } }, actions: [{ react: {} }] }`,
		`{ trigger: { nostr: { kinds: [1] } }, limit: { rate: 1/1h }, actions: [{ repost: {} }] }`,
		`{ trigger: { nostr: { kinds: [1] } }, actions: [{ repost: {}, if: event.pow > 20 }] }`,
		`{ trigger: { nostr: { kinds: [1] } }, actions: [{ log: { message: "${{ event.id }}" } }] }`,
		`{ trigger: { nostr: { kinds: [1] } }, actions: [{ http: { url: "https://counter.example/up" } }] }`,
		`{ trigger: { nostr: { kinds: [5300] } }, actions: [{ reply: { content: done } }] }`,
		`{ trigger: { nostr: { kinds: [30023] } }, actions: [{ quote: { content: New article } }] }`,
		`{ trigger: { hashtag: { any: [rhea] } }, actions: [{ repost: {} }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: hi } }] }`,
		`{ trigger: { reply: {} }, actions: [{ react: { content: "+" } }] }`,
		// How often.
		`{ trigger: { schedule: { every: 5m } }, actions: [{ publish: { content: tick } }] }`,
		`{ trigger: { schedule: { cron: "*/10 * * * *" } }, actions: [{ publish: { content: tick } }] }`,
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: UTC } }, actions: [{ publish: { content: tick } }] }`,
		`{ trigger: { schedule: { every: 1m } }, if: now.Hour() == 8, actions: [{ publish: { content: tick } }] }`,
		`{ trigger: { schedule: { every: 1m } }, limit: { rate: 24/1d }, actions: [{ publish: { content: tick } }] }`,
		`{ trigger: { schedule: { every: 1m } }, actions: [{ http: { url: "https://alive.example/ping" } }] }`,
		`{ trigger: { schedule: { every: 1m } }, actions: [{ id: a, http: { url: "https://a.example" } }, { publish: { content: down }, if: outputs.a == nil }] }`,
		`{ trigger: { schedule: { at: ["2099-01-01 00:00", "2099-01-01 00:01"] } }, enabled: false, limit: { rate: 2/1d }, actions: [{ publish: { content: tick } }] }`,
		// In which zone.
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: Europe/Berlin } }, actions: [{ publish: { content: hi } }] }`,
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: America/Phoenix } }, actions: [{ publish: { content: hi } }] }`,
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: EST5EDT } }, actions: [{ publish: { content: hi } }] }`,
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: CET } }, actions: [{ publish: { content: hi } }] }`,
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: Etc/UTC } }, actions: [{ publish: { content: hi } }] }`,
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: GMT } }, actions: [{ publish: { content: hi } }] }`,
		`{ trigger: { schedule: { cron: "0 8 * * *", timezone: HST } }, actions: [{ publish: { content: hi } }] }`,
		// From where.
		`{ trigger: { feed: { url: "http://localhost:8080/feed", allow_private: true } }, actions: [{ publish: { content: "${{ item.title }}" } }] }`,
		`{ trigger: { feed: { url: "https://localhost.example/feed" } }, actions: [{ publish: { content: "${{ item.title }}" } }] }`,
		`{ trigger: { feed: { url: "http://11.0.0.1/feed" } }, actions: [{ publish: { content: "${{ item.title }}" } }] }`,
		`{ trigger: { feed: { opml: feeds.opml } }, actions: [{ publish: { content: "${{ item.title }}" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ http: { url: "http://127.0.0.1:9000/hook", allow_private: true } }] }`,
		`{ trigger: { mention: {} }, actions: [{ http: { url: "https://${{ event.tag('h') }}.example/x" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ http: { url: "${{ event.links[0] }}" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ http: { url: "${HOOK:-https://hook.example}/x" } }] }`,
		// What.
		`{ trigger: { mention: {} }, actions: [{ publish: { content: "", images: ["https://img.example/a.png"] } }] }`,
		`{ trigger: { mention: {} }, actions: [{ quote: { content: "" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ react: { content: "" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ publish: { kind: 30315, content: "", tags: [[d, general]] } }] }`,
		`{ trigger: { mention: {} }, actions: [{ publish: { kind: 0, content: "{\"name\": \"x\"}" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ id: a, http: { url: "https://a.example" } }, { publish: { kind: 0, content: "${{ outputs.a.body }}" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ publish: { kind: 3, tags: [[p, ` + npub + `]] } }] }`,
		`{ trigger: { mention: {} }, actions: [{ publish: { kind: 3, mentions: "${{ event.mentions }}" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ publish: { kind: 10003, tags: [[e, "${{ event.id }}"]] } }] }`,
		`{ trigger: { mention: {} }, actions: [{ id: a, http: { url: "https://a.example" } }, { publish: { kind: 4, content: "${{ outputs.a.body }}" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ publish: { kind: 7, content: "+", tags: [[e, "${{ event.id }}"]] } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: "{{citation needed}} {x} ${{ event.kind }}" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: "a\nb" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: 'C:\new\names' } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: 'the gradient \nabla f, and \neq, \ne' } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: 'two\\nwords' } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: ok, hashtags: go } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: ok, hashtags: ["go, nostr"] } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: ok, images: "https://img.example/a.png?size=1,2" } }] }`,
		`{ trigger: { mention: {} }, actions: [{ reply: { content: "${{ join(event.hashtags, \"\\n\") }}" } }] }`,
		`{ trigger: { feed: { urls: "https://a.example/f?tags=a,b" } }, actions: [{ publish: { content: "${{ item.title }}" } }] }`,
		`{ trigger: { feed: { url: "https://a.example/f" } }, if: item.link matches "/blog/", actions: [{ publish: { content: "${{ item.title }}" } }] }`,
	} {
		problems := problemsOf(t, "version: 1\nidentities: { main: { key: { env: BOT_NSEC }, profile: { name: bot } } }\nrelays: [wss://relay.example]\n"+
			"rules:\n  - { name: a, "+rule[1:]+"\n")
		if len(problems) > 0 {
			t.Errorf("%s\n%s", rule, problems.Render())
		}
	}
}

// problemsOf are the mistakes and warnings of a configuration with the kinds that are shipped.
func problemsOf(t *testing.T, text string) config.Problems {
	t.Helper()
	f, err := config.Parse("bot.yaml", []byte(text), config.Options{Kinds: kinds(), LookupEnv: func(string) (string, bool) { return "", false }})
	var problems config.Problems
	switch {
	case err == nil:
		problems = f.Warnings
	case !errors.As(err, &problems):
		t.Fatal(err)
	}
	return problems
}

// TestNobodyIsAnsweredTwice reads pairs of rules that are near to answering the same events.
func TestNobodyIsAnsweredTwice(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string][2]string{
		"other words": {
			`trigger: { mention: {} }, if: event.content contains "a", actions: [{ reply: { content: a } }]`,
			`trigger: { mention: {} }, if: event.content contains "b", actions: [{ reply: { content: b } }]`,
		},
		"no reply": {
			`trigger: { mention: {} }, if: event.parent_id == "", actions: [{ reply: { content: a } }]`,
			`trigger: { reply: {} }, actions: [{ reply: { content: b } }]`,
		},
		"other kinds": {
			`trigger: { mention: { kinds: [1] } }, actions: [{ reply: { content: a } }]`,
			`trigger: { reply: { kinds: [1111] } }, actions: [{ reply: { content: b } }]`,
		},
		"another kind by condition": {
			`trigger: { mention: {} }, actions: [{ reply: { content: a } }]`,
			`trigger: { reply: {} }, if: event.kind == 1111, actions: [{ reply: { content: b } }]`,
		},
		"a reaction": {
			`trigger: { mention: {} }, actions: [{ reply: { content: a } }]`,
			`trigger: { mention: {} }, actions: [{ react: {} }]`,
		},
		"another identity": {
			`trigger: { hashtag: { any: [a] } }, actions: [{ reply: { content: a } }]`,
			`trigger: { hashtag: { any: [a] } }, identity: other, actions: [{ reply: { content: b } }]`,
		},
		"another identity of an action": {
			`trigger: { hashtag: { any: [a] } }, actions: [{ reply: { content: a } }]`,
			`trigger: { hashtag: { any: [a] } }, actions: [{ reply: { content: b }, identity: other }]`,
		},
		"other hashtags": {
			`trigger: { hashtag: { any: [a] } }, actions: [{ reply: { content: a } }]`,
			`trigger: { hashtag: { any: [b] } }, actions: [{ reply: { content: b } }]`,
		},
		"by chance": {
			`trigger: { mention: {} }, actions: [{ reply: { content: a } }]`,
			`trigger: { hashtag: { any: [b] } }, actions: [{ reply: { content: b } }]`,
		},
		"switched off": {
			`trigger: { mention: {} }, actions: [{ reply: { content: a } }]`,
			`trigger: { mention: {} }, enabled: false, actions: [{ reply: { content: b } }]`,
		},
		"only said": {
			`trigger: { mention: {} }, actions: [{ reply: { content: a } }]`,
			`trigger: { mention: {} }, actions: [{ log: { message: b } }]`,
		},
		"a condition beside the action": {
			`trigger: { mention: {} }, if: event.content contains "a", actions: [{ reply: { content: a } }]`,
			`trigger: { mention: {} }, actions: [{ reply: { content: b }, if: event.content contains "b" }]`,
		},
		"two steps of one rule": {
			`trigger: { mention: {} }, actions: [{ reply: { content: a } }, { reply: { content: b } }]`,
			`trigger: { schedule: { every: 1d } }, actions: [{ publish: { content: b } }]`,
		},
	} {
		problems := problemsOf(t, "version: 1\nidentities: { main: { key: { env: BOT_NSEC }, profile: { name: bot } }, other: { key: { env: OTHER }, profile: { name: other } } }\n"+
			"relays: [wss://relay.example]\nrules:\n  - { name: a, "+rules[0]+" }\n  - { name: b, "+rules[1]+" }\n")
		if len(problems) > 0 {
			t.Errorf("%s\n%s", name, problems.Render())
		}
	}
}
