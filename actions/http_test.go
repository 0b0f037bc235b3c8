package actions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/key"
	"rhea/engine/web"
)

// serve runs a server and returns a run that can reach it under ${{ server }}.
func serve(t *testing.T, handler http.HandlerFunc) engine.Run {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	run := newRun(map[string]string{"server": server.URL, "secret": "s3cret", "city": "Köln & Bonn"})
	run.HTTP = func(allowPrivate bool) *http.Client { return web.Client(web.Options{AllowPrivate: allowPrivate}) }
	return run
}

func output(t *testing.T, config string, run engine.Run) map[string]any {
	t.Helper()
	result, err := mustBuild(t, "http", config).Act(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return result.Output.(map[string]any)
}

func TestHTTPSends(t *testing.T) {
	t.Parallel()
	type request struct{ method, query, header, contentType, body, key string }
	tests := []struct {
		name, config string
		want         request
	}{
		{"get by default", `{"query": {"q": "${{ city }}"}}`, request{method: "GET", query: "fixed=1&q=K%C3%B6ln+%26+Bonn"}},
		{"post with a body", `{"body": "hello ${{ city }}"}`,
			request{method: "POST", query: "fixed=1", contentType: "text/plain; charset=utf-8", body: "hello Köln & Bonn"}},
		{"post with json", `{"json": {"a": [1, "x"]}}`,
			request{method: "POST", query: "fixed=1", contentType: "application/json", body: `{"a":[1,"x"]}`}},
		{"own method and headers", `{"method": "put", "body": "x", "headers": {"Authorization": "Bearer ${{ secret }}", "Content-Type": "a/b"}}`,
			request{method: "PUT", query: "fixed=1", header: "Bearer s3cret", contentType: "a/b", body: "x"}},
		{"delete without a body", `{"method": "DELETE"}`, request{method: "DELETE", query: "fixed=1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got request
			run := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = request{r.Method, r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body), r.Header.Get("Idempotency-Key")}
			})
			output(t, `{"url": "${{ server }}/path?fixed=1", "allow_private": true, `+tt.config[1:], run)
			if hasKey := got.key != ""; hasKey != (got.method != "GET") {
				t.Errorf("%s has an idempotency key: %v", got.method, hasKey)
			}
			got.key = ""
			if got != tt.want {
				t.Errorf("got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// TestHTTPShowsNoKey: the key of an identity goes to no server, wherever it stands in a request.
func TestHTTPShowsNoKey(t *testing.T) {
	t.Parallel()
	const secret = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
	signer, err := key.NewSigner(engine.NewSecret(secret))
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]string{
		"path":   `{"url": "${{ server }}/${{ secret }}"}`,
		"query":  `{"url": "${{ server }}/", "query": {"q": "${{ secret }}"}}`,
		"header": `{"url": "${{ server }}/", "headers": {"Authorization": "Bearer ${{ secret }}"}}`,
		"body":   `{"url": "${{ server }}/", "body": "it is ${{ secret }}"}`,
		"json":   `{"url": "${{ server }}/", "json": {"a": ["` + secret + `"]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			run := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = fmt.Sprint(r.URL, r.Header, string(body))
			})
			run.Secrets = new(engine.Redactor)
			run.Secrets.Know(signer)
			run.Data.(*data).vars["secret"] = secret
			output(t, strings.TrimSuffix(config, "}")+`, "allow_private": true}`, run)
			if strings.Contains(got, secret) || !strings.Contains(got, "redacted") {
				t.Errorf("the server was shown %s", got)
			}
		})
	}
}

func TestHTTPKeyIsStable(t *testing.T) {
	t.Parallel()
	var keys []string
	run := serve(t, func(_ http.ResponseWriter, r *http.Request) { keys = append(keys, r.Header.Get("Idempotency-Key")) })
	run.IdempotencyKey = "rule/guid with\nspaces and ümlauts/1"
	for range 2 {
		output(t, `{"url": "${{ server }}", "body": "x", "allow_private": true}`, run)
	}
	if len(keys) != 2 || keys[0] != keys[1] || len(keys[0]) != 64 {
		t.Errorf("keys are %q", keys)
	}
}

func TestHTTPReads(t *testing.T) {
	t.Parallel()
	var big any = int64(9007199254740993)
	if strconv.IntSize == 64 {
		big = int(big.(int64))
	}
	tests := []struct {
		name, contentType, answer string
		want                      any
	}{
		{"json", "application/json; charset=utf-8", `{"usd": 100000, "rate": 1.5, "big": 9007199254740993, "list": [1, null, true]}`,
			map[string]any{"usd": 100000, "rate": 1.5, "big": big, "list": []any{1, nil, true}}},
		{"problem json", "application/problem+json", `{"a": "b"}`, map[string]any{"a": "b"}},
		{"a number json can hold and we cannot", "application/json", `1e999`, "1e999"},
		{"broken json is text", "application/json", `{"a":`, `{"a":`},
		{"two values are text", "application/json", `1 2`, `1 2`},
		{"text", "text/plain", "hello", "hello"},
		{"invalid utf-8", "text/plain", "a\xffb", "a\uFFFDb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.Header().Set("X-Thing", "yes")
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, tt.answer)
			})
			got := output(t, `{"url": "${{ server }}", "allow_private": true}`, run)
			if !reflect.DeepEqual(got["body"], tt.want) {
				t.Errorf("body is %#v, want %#v", got["body"], tt.want)
			}
			if got["status"] != 201 || got["headers"].(map[string]any)["x-thing"] != "yes" || got["text"] != strings.ToValidUTF8(tt.answer, "\uFFFD") {
				t.Errorf("output is %v", got)
			}
		})
	}
}

func isTemporary(err error) bool {
	return reflect.TypeOf(err) == reflect.TypeOf(engine.Temporary(errors.New("x")))
}

func TestHTTPFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, config string
		handler      http.HandlerFunc
		want         string
		temporary    bool
	}{
		{"not found", `{}`, status(404), "answered 404 Not Found", false},
		{"too many requests", `{}`, status(429), "answered 429 Too Many Requests", true},
		{"request timeout", `{}`, status(408), "answered 408", true},
		{"server error", `{}`, status(503), "answered 503 Service Unavailable", true},
		{"an unexpected success", `{"expect": [204]}`, status(200), "answered 200 OK", false},
		{"too large", `{"max_size": 10}`, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 11)) }, "too large", false},
		{"redirects without end", `{}`, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/again?token=s3cret", http.StatusFound)
		}, "redirects", true},
		{"private network", `{"allow_private": false}`, status(200), "allow_private", false},
		{"a header with a line break", `{"headers": {"A": "${{ secret }}\r\nB: c"}}`, status(200), "headers.A: holds a line break", false},
		{"hangs up", `{}`, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := serve(t, tt.handler)
			var config map[string]any
			if err := json.Unmarshal([]byte(tt.config), &config); err != nil {
				t.Fatal(err)
			}
			config["url"] = "${{ server }}/hook?token=${{ secret }}"
			if _, ok := config["allow_private"]; !ok {
				config["allow_private"] = true
			}
			if _, ok := config["headers"]; !ok {
				config["headers"] = map[string]any{"Authorization": "Bearer ${{ secret }}"}
			}
			raw, _ := json.Marshal(config)
			_, err := mustBuild(t, "http", string(raw)).Act(t.Context(), run)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error is %v, want one with %q", err, tt.want)
			}
			if isTemporary(err) != tt.temporary {
				t.Errorf("temporary is %v: %v", !tt.temporary, err)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestHTTPExpected(t *testing.T) {
	t.Parallel()
	run := serve(t, status(404))
	if got := output(t, `{"url": "${{ server }}", "expect": [200, 404], "allow_private": true}`, run); got["status"] != 404 {
		t.Errorf("output is %v", got)
	}
}

func TestHTTPTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newRun(nil)
		run.HTTP = func(bool) *http.Client {
			return &http.Client{Transport: respond(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})}
		}
		action := mustBuild(t, "http", `{"url": "https://slow.example/x?token=1", "timeout": "3s"}`)
		start := time.Now()
		_, err := action.Act(t.Context(), run)
		if want := "GET slow.example: no answer within 3s"; err == nil || err.Error() != want || !isTemporary(err) {
			t.Errorf("error is %v, want %s", err, want)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := action.Act(ctx, run); !errors.Is(err, context.Canceled) || isTemporary(err) {
			t.Errorf("a shutdown gives %v", err)
		}
	})
}

func TestHTTPDryRun(t *testing.T) {
	t.Parallel()
	called := 0
	run := serve(t, func(http.ResponseWriter, *http.Request) { called++ })
	run.DryRun = true
	if got := output(t, `{"url": "${{ server }}", "body": "x", "allow_private": true}`, run); got["dry_run"] != true || called != 0 {
		t.Errorf("a dry run posted: %v, %d calls", got, called)
	}
	if output(t, `{"url": "${{ server }}", "allow_private": true}`, run); called != 1 {
		t.Error("a dry run reads as usual")
	}
}
