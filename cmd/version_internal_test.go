package cmd

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	stamped := func(pairs ...string) *debug.BuildInfo {
		info := new(debug.BuildInfo)
		for i := 0; i < len(pairs); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return info
	}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		text string
		json string
	}{
		{"nothing known", nil, "rhea dev (commit unknown) go", `{"version":"dev","go":`},
		{"not stamped", stamped("-trimpath", "true"), "rhea dev (commit unknown) go", `{"version":"dev","go":`},
		{"clean", stamped("-trimpath", "true", "vcs", "git", "vcs.revision", "b534e7c", "vcs.time", "2026-11-20T10:00:00Z", "vcs.modified", "false"),
			"rhea dev (commit b534e7c, 2026-11-20T10:00:00Z) go", `{"version":"dev","commit":"b534e7c","date":"2026-11-20T10:00:00Z","go":`},
		{"changed", stamped("vcs.revision", "b534e7c", "vcs.modified", "true"),
			"rhea dev (commit b534e7c, changed since) go", `{"version":"dev","commit":"b534e7c","dirty":true,"go":`},
	} {
		b := buildOf(tt.info)
		if got := b.String(); !strings.HasPrefix(got, tt.text) {
			t.Errorf("%s: %s, want %s…", tt.name, got, tt.text)
		}
		if got, err := json.Marshal(b); err != nil || !strings.HasPrefix(string(got), tt.json) {
			t.Errorf("%s: %s, want %s… (%v)", tt.name, got, tt.json, err)
		}
	}
}
