package actions_test

import (
	"errors"
	"strings"
	"testing"

	"rhea/engine"
)

// TestMistakes shows what a configuration is told before it runs, and where.
func TestMistakes(t *testing.T) {
	t.Parallel()
	secret := "nsec1" + strings.Repeat("q", 58)
	tests := []struct{ kind, config, path, message string }{
		{"publish", `{}`, "content", "is required"},
		{"publish", `{"content": " "}`, "content", "nothing in this text"},
		{"publish", `{"kind": -1, "content": "x"}`, "kind", "0..65535"},
		{"publish", `{"kind": 65536}`, "kind", "0..65535"},
		{"publish", `{"kind": 30023, "content": "x"}`, "kind", "[d, …]"},
		{"publish", `{"content": "x", "pow": 41}`, "pow", "0..40"},
		{"publish", `{"content": "x", "expiration": "soon"}`, "expiration", "7d"},
		{"publish", `{"content": "x", "created_at": "yesterday"}`, "created_at", "is no time"},
		{"publish", `{"content": "x", "created_at": "3h"}`, "created_at", "is a duration"},
		{"publish", `{"content": "x", "tags": [[]]}`, "tags.0", "[name, value]"},
		{"publish", `{"content": "x", "tags": [["a", "b"], [""]]}`, "tags.1.0", "name of the tag"},
		{"publish", `{"content": "x", "tags": [["e", "abc"]]}`, "tags.0.1", "event id"},
		{"publish", `{"content": "x", "tags": [["p", "` + secret + `"]]}`, "tags.0.1", "[redacted]"},
		{"reply", `{}`, "content", "is required"},
		{"reply", `{"content": ""}`, "content", "nothing in this text"},
		{"article", `{"title": "x", "content": ""}`, "content", "nothing in this text"},
		{"reply", `{"content": "x", "event": "abc"}`, "event", "does not name an event"},
		{"reply", `{"content": "x", "pow": -1}`, "pow", "0..40"},
		{"quote", `{"event": "abc"}`, "event", "does not name an event"},
		{"quote", `{"pow": 99}`, "pow", "0..40"},
		{"repost", `{"event": "` + secret + `"}`, "event", "[redacted]"},
		{"react", `{"content": "nice"}`, "content", "not a reaction"},
		{"react", `{"content": "🔥🔥"}`, "content", "not a reaction"},
		{"react", `{"content": ":soapbox:"}`, "emoji", "is required"},
		{"react", `{"content": ":soapbox:", "emoji": "soapbox.png"}`, "emoji", "http"},
		{"delete", `{}`, "events", "is required"},
		{"http", `{}`, "url", "is required"},
		{"http", `{"url": "example.com"}`, "url", "http"},
		{"http", `{"url": "ftp://example.com"}`, "url", "http"},
		{"http", `{"url": "https://a.example", "method": "GTE"}`, "method", "GTE"},
		{"http", `{"url": "https://a.example", "method": "GET", "body": "x"}`, "method", "sends no body"},
		{"http", `{"url": "https://a.example", "json": 1, "body": "x"}`, "json", "beside body"},
		{"http", `{"url": "https://a.example", "timeout": "2m"}`, "timeout", "1m"},
		{"http", `{"url": "https://a.example", "timeout": "0s"}`, "timeout", "1m"},
		{"http", `{"url": "https://a.example", "max_size": 0}`, "max_size", "bytes"},
		{"http", `{"url": "https://a.example", "expect": [200, 999]}`, "expect.1", "999"},
		{"http", `{"url": "https://a.example", "headers": {"a b": "c"}}`, "headers.a b", "header name"},
		{"log", `{}`, "message", "is required"},
		{"log", `{"message": "x", "level": "loud"}`, "level", "loud"},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			_, err := build(t, tt.kind, tt.config)
			var field *engine.FieldError
			if !errors.As(err, &field) {
				t.Fatalf("%s gives %v, want a mistake at %s", tt.config, err, tt.path)
			}
			if field.Path != tt.path || !strings.Contains(field.Err.Error(), tt.message) {
				t.Errorf("%s gives %q at %s, want %q at %s", tt.config, field.Err, field.Path, tt.message, tt.path)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows a secret key: %v", err)
			}
		})
	}
}

// TestAllMistakes shows that one does not hide another.
func TestAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := build(t, "publish", `{"kind": -1, "pow": 99, "expiration": "soon", "tags": [[]]}`)
	for _, path := range []string{"kind: ", "pow: ", "expiration: ", "tags.0: "} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q is missing in %v", path, err)
		}
	}
}

// TestDynamicIsNotJudged shows that an expression is left for the run.
func TestDynamicIsNotJudged(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]string{
		"publish": `{"content": "${{ x }}", "expiration": "${{ x }}", "created_at": "${{ x }}", "tags": [["e", "${{ x }}"]]}`,
		"react":   `{"content": "${{ x }}", "emoji": "${{ x }}", "event": "${{ x }}"}`,
		"http":    `{"url": "${{ x }}"}`,
	} {
		if _, err := build(t, kind, config); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
