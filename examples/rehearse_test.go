package examples_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestRehearse runs the tests of every example, without a key, and asks that each rule is seen to fire and to stay
// silent.
func TestRehearse(t *testing.T) {
	t.Parallel()
	for _, path := range files(t) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, path)
			delete(b.env, "BOT_NSEC")
			if filepath.Dir(path) == "embed" {
				b.program = buildEmbed(t)
			}
			if said := b.rhea(t, "test"); strings.Contains(said, "never tested") {
				t.Errorf("a rule is not tested both ways:\n%s", said)
			}
		})
	}
}
