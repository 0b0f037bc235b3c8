package cmd_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rhea/engine"
)

// TestDropWaiting empties a full queue of a rule that is gone, and leaves alone what waits for another. What was dropped
// stays claimed.
func TestDropWaiting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeConfig(t, dir, lookYAML)
	m := newMemoir(t, dir, botSecret)
	const many = 1000
	put := func(rule, key string) {
		t.Helper()
		text := fmt.Sprintf(`{"trigger":"mention","at":%q}`, time.Now().Format(time.RFC3339Nano))
		if fresh, err := m.Commit(t.Context(), engine.Entry{Rule: rule, Key: key, Wait: text}); err != nil || !fresh {
			t.Fatalf("commit = %v, %v", fresh, err)
		}
	}
	for i := range many {
		put("gone", fmt.Sprintf("%064x", i))
	}
	put("greet", "another")
	m.close()
	drop := func(args ...string) (dropped []string) {
		t.Helper()
		args = append([]string{"outbox", "drop", "-o", "json", "-c", filepath.Join(dir, "bot.yaml")}, args...)
		code, out, log := invoke(t, map[string]string{"BOT_NSEC": botSecret}, args...)
		var answer struct{ Dropped []string }
		if err := json.Unmarshal([]byte(out), &answer); code != 0 || err != nil {
			t.Fatalf("%q: exit code %d, %v\n%s", args, code, err, log)
		}
		return answer.Dropped
	}
	if got := drop("--waiting", "gone", strings.Repeat("0", 61)+"00f"); len(got) != 1 || !strings.HasSuffix(got[0], "0f") {
		t.Errorf("dropped %q", got)
	}
	if got := drop("--waiting", "gone"); len(got) != many-1 {
		t.Errorf("dropped %d of %d", len(got), many-1)
	}
	m = newMemoir(t, dir, botSecret)
	defer m.close()
	left, err := m.Waiting(t.Context(), "", 0, many)
	if err != nil || len(left) != 1 || left[0].Key != "another" {
		t.Errorf("%v wait, %v", left, err)
	}
	if seen, err := m.Seen(t.Context(), "gone", fmt.Sprintf("%064x", 7)); err != nil || !seen {
		t.Errorf("what was dropped is claimed: %t, %v", seen, err)
	}
	told, err := m.History(t.Context(), engine.HistoryQuery{Rule: "gone", Outcome: engine.RateLimited, Limit: 2 * many})
	if err != nil || len(told) != many {
		t.Fatalf("the history tells of %d, %v", len(told), err)
	}
	for _, d := range told {
		if d.Trigger != "mention" || !strings.HasPrefix(d.Reason, "dropped by the operator; waited since 20") {
			t.Errorf("%s by %s: %s", d.Key, d.Trigger, d.Reason)
		}
	}
}
