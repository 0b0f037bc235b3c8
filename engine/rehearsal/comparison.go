package rehearsal

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/config"
)

type comparison struct {
	runner   *runner
	failures []Failure
}

func (j *comparison) fail(what, want, got string) {
	j.failures = append(j.failures, Failure{what, want, got})
}

func (j *comparison) equal(what, want, got string, asked bool, why string) {
	if !asked || want == got {
		return
	}
	if why != "" {
		got += ": " + why
	}
	j.fail(what, want, got)
}

func (j *comparison) match(what string, m *config.Match, got string) {
	if m == nil {
		return
	}
	if m.Equals != nil && *m.Equals != got {
		j.fail(what, *m.Equals, got)
	}
	if !strings.Contains(got, m.Contains) {
		j.fail(what+".contains", m.Contains, got)
	}
	if m.Matches != "" && !regexp.MustCompile(m.Matches).MatchString(got) { // The configuration has checked it.
		j.fail(what+".matches", m.Matches, got)
	}
}

func (j *comparison) published(want []config.Published, made []Owed) error {
	if want == nil {
		return nil
	}
	if len(want) != len(made) {
		j.fail("published", plural(len(want), "event"), describe(made))
		return nil
	}
	for i, w := range want {
		if err := j.event(fmt.Sprintf("published.%d", i), w, made[i]); err != nil {
			return err
		}
	}
	return nil
}

func (j *comparison) event(what string, want config.Published, made Owed) error {
	tags, err := j.runner.tags(want.Tags)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if want.Kind != nil {
		j.equal(what+".kind", strconv.Itoa(*want.Kind), strconv.Itoa(made.Event.Kind), true, "")
	}
	j.match(what+".content", want.Content, made.Event.Content)
	for _, tag := range tags {
		if !slices.ContainsFunc(made.Event.Tags, func(t nostr.Tag) bool {
			return len(t) >= len(tag) && slices.Equal(t[:len(tag)], tag)
		}) {
			j.fail(what+".tags", line(tag), lines(made.Event.Tags))
		}
	}
	if want.Identity != "" {
		j.equal(what+".identity", want.Identity, made.Identity, true, "")
	}
	if want.Relays != nil {
		j.equal(what+".relays", sorted(want.Relays), sorted(made.Relays), true, "")
	}
	return nil
}

func (j *comparison) outputs(want, got map[string]any) {
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if w, g := plain(want[id]), plain(got[id]); !within(w, g) {
			j.fail("outputs."+id, line(w), line(g))
		}
	}
}

// within reports whether got has everything that want has.
func within(want, got any) bool {
	w, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(want, got)
	}
	g, ok := got.(map[string]any)
	if !ok {
		return false
	}
	for key, value := range w {
		if have, ok := g[key]; !ok || !within(value, have) {
			return false
		}
	}
	return true
}

// plain is a value as JSON has it, so that one from YAML and one from Go compare.
func plain(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return v
	}
	var out any
	if json.Unmarshal(raw, &out) != nil {
		return v
	}
	return out
}

func line(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}

func lines[T any](list []T) string {
	all := make([]string, len(list))
	for i, v := range list {
		all[i] = line(v)
	}
	return strings.Join(all, "\n")
}

func sorted(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), "\n") }

func describe(made []Owed) string {
	all := []string{plural(len(made), "event")}
	for _, m := range made {
		all = append(all, fmt.Sprintf("kind %d: %s", m.Event.Kind, strings.ReplaceAll(m.Event.Content, "\n", "⏎")))
	}
	return strings.Join(all, "\n")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
