package actions_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestLog(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]string{"debug": "DEBUG", "info": "INFO", "warn": "WARN", "error": "ERROR"} {
		var lines bytes.Buffer
		run := newRun(map[string]string{"name": "Alice", "key": "nsec1" + strings.Repeat("q", 58)})
		run.Log = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
		result, err := mustBuild(t, "log", `{"message": "hello ${{ name }} ${{ key }}", "level": "`+level+`"}`).Act(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if got := lines.String(); !strings.Contains(got, `level=`+want+` msg="hello Alice [redacted]"`) || strings.Count(got, "\n") != 1 {
			t.Errorf("%s writes %s", level, got)
		}
		if got := result.Output.(map[string]any)["message"]; got != "hello Alice [redacted]" {
			t.Errorf("output is %v", got)
		}
	}
}
