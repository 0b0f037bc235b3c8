package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
)

// TestNoScan has every query about one event find it by an index.
func TestNoScan(t *testing.T) {
	t.Parallel()
	l, err := Open(filepath.Join(t.TempDir(), "rhea.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, query := range map[string]string{
		"retry": retryQuery, "drop": dropQuery, "latest": latestQuery, "latest at a relay": latestAtQuery,
	} {
		var plan []string
		err := l.read(t.Context(), func(c *sqlite.Conn) error {
			return exec(c, "EXPLAIN QUERY PLAN "+query, func(s *sqlite.Stmt) error {
				plan = append(plan, s.ColumnText(3))
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range plan {
			if strings.HasPrefix(step, "SCAN e") || strings.HasPrefix(step, "SCAN d") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: %q", name, plan)
			}
		}
	}
}
