package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rhea/engine/config"
)

func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(names, "testdata/whole.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]\n<<: *a\n"))
	f.Add([]byte("rules: &r [{ <<: *r }]"))
	f.Add([]byte(strings.Repeat("[", 5000)))
	f.Add([]byte(strings.Repeat("- ", 5000)))
	f.Add([]byte("\xef\xbb\xbfversion: 1\u2028rules: []\u0085"))
	f.Add([]byte("version: 1\nrules:\n - name: \"a\\\n\n  b\"\n   if: |2-\n\n  x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := config.Parse("bot.yaml", data, options())
		if (file == nil) == (err == nil) {
			t.Fatalf("file %v, error %v", file, err)
		}
		problems, _ := errors.AsType[config.Problems](err)
		if file != nil {
			problems = file.Warnings
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") +
			strings.Count(string(data), "\u0085") + strings.Count(string(data), "\u2028") + strings.Count(string(data), "\u2029") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Line > lines+1 || p.Message == "" || p.Code == "" {
				t.Fatalf("%+v", p)
			}
			_ = p.Render()
		}
	})
}
