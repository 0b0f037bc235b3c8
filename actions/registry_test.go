package actions_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nbd-wtf/go-nostr"
	"gopkg.in/yaml.v3"

	"rhea/engine"
)

// rules is what the registry says about one kind.
type rules struct {
	Required []string   `yaml:"required"`
	Multiple []string   `yaml:"multiple"`
	Tags     [][]string `yaml:"tags"`
}

var registry = sync.OnceValues(func() (map[int]rules, error) {
	raw, err := os.ReadFile("testdata/registry.yaml")
	if err != nil {
		return nil, err
	}
	var r map[int]rules
	return r, yaml.Unmarshal(raw, &r)
})

var addressForm = regexp.MustCompile(`^\d+:[0-9a-f]{64}:`)

// conforms holds a draft against the registry of kinds.
func conforms(t testing.TB, d engine.Draft) {
	t.Helper()
	all, err := registry()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, tag := range d.Tags {
		if len(tag) == 0 || tag[0] == "" {
			t.Errorf("kind %d: a tag without a name: %q", d.Kind, tag)
			continue
		}
		count[tag[0]]++
		if !slices.ContainsFunc(generic, func(rule []string) bool { return fits(tag, rule) }) && named(generic, tag[0]) {
			t.Errorf("kind %d: malformed tag %q", d.Kind, tag)
		}
		kind, known := all[d.Kind]
		if known && named(kind.Tags, tag[0]) && !slices.ContainsFunc(kind.Tags, func(rule []string) bool { return fits(tag, rule) }) {
			t.Errorf("kind %d: tag %q fits none of its forms", d.Kind, tag)
		}
		if known && count[tag[0]] == 2 && named(kind.Tags, tag[0]) && !slices.Contains(kind.Multiple, tag[0]) {
			t.Errorf("kind %d: more than one %s tag", d.Kind, tag[0])
		}
	}
	for _, name := range all[d.Kind].Required {
		if count[name] == 0 {
			t.Errorf("kind %d: no %s tag", d.Kind, name)
		}
	}
}

// generic holds for every kind.
var generic = [][]string{
	{"t", "lowercase!"}, {"expiration", "kind!"}, {"h", "free!"}, {"content-warning", "free"}, {"-"},
	{"proxy", "free!", "free!"}, {"imeta", "imeta!*"},
}

func named(rules [][]string, name string) bool {
	return slices.ContainsFunc(rules, func(rule []string) bool { return rule[0] == name })
}

func fits(tag nostr.Tag, rule []string) bool {
	if tag[0] != rule[0] {
		return false
	}
	forms := rule[1:]
	for i := range max(len(forms), len(tag)-1) {
		if i >= len(forms) && !strings.HasSuffix(rule[len(rule)-1], "*") {
			return false
		}
		form := forms[min(i, len(forms)-1)]
		if i+1 >= len(tag) {
			return !strings.Contains(form, "!")
		}
		if !isA(tag[i+1], strings.TrimRight(form, "!*"), strings.Contains(form, "!")) {
			return false
		}
	}
	return true
}

func isA(value, form string, required bool) bool {
	if value == "" && !required {
		return true
	}
	if options, ok := strings.CutPrefix(form, "either("); ok {
		return slices.Contains(strings.Split(strings.TrimSuffix(options, ")"), "|"), value)
	}
	switch form {
	case "id", "pubkey":
		return nostr.IsValid32ByteHex(value)
	case "addr":
		return addressForm.MatchString(value)
	case "relay":
		return nostr.IsValidRelayURL(value)
	case "url":
		return strings.Contains(value, "://")
	case "kind":
		_, err := strconv.Atoi(value)
		return err == nil
	case "imeta":
		return strings.Contains(value, " ")
	case "lowercase":
		return value == strings.ToLower(value)
	}
	return true
}
