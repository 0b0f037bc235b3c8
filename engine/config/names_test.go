package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"rhea/engine/config"
)

// TestNamesIn reads names from files that are half written, wrong or hostile.
func TestNamesIn(t *testing.T) {
	tests := map[string]struct {
		text string
		want config.Names
	}{
		"a list of relays": {
			"relays: [wss://b.example, wss://a.example, wss://a.example]\nidentities: { main: {}, helper: {} }\nrules: [{ name: blog }, { name: greet }]",
			config.Names{Rules: []string{"blog", "greet"}, Identities: []string{"helper", "main"}, Relays: []string{"wss://a.example", "wss://b.example"}},
		},
		"sets of relays": {
			"relays: { default: [wss://a.example], big: [wss://b.example] }",
			config.Names{Relays: []string{"wss://a.example", "wss://b.example"}},
		},
		"a mistake elsewhere": {
			"nonsense: 1\nrules:\n  - { name: blog, trigger: { what: {} } }\n  - { trigger: {} }\n  - text\n  -",
			config.Names{Rules: []string{"blog"}},
		},
		"no YAML":         {"rules: [", config.Names{}},
		"no map":          {"- a", config.Names{}},
		"nothing":         {"", config.Names{}},
		"other shapes":    {"rules: { name: x }\nidentities: [a]\nrelays: wss://a.example", config.Names{}},
		"an alias":        {"a: &a { name: blog }\nrules: [*a]", config.Names{}},
		"relays of texts": {"relays: { default: wss://a.example }", config.Names{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bot.yaml")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got := config.NamesIn([]string{path, filepath.Join(t.TempDir(), "missing.yaml")})
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
