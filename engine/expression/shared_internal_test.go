package expression

import (
	"reflect"
	"testing"

	"rhea/engine"
)

type word struct {
	engine.Scope
	Word string `expr:"word"`
}

// TestSharedPrograms compiles the same for two rules: it is one program, unless it names what each rule has of its own, or
// may run away.
func TestSharedPrograms(t *testing.T) {
	t.Parallel()
	compiler, err := New(reflect.TypeFor[*word]())
	if err != nil {
		t.Fatal(err)
	}
	for source, shares := range map[string]bool{
		`word == "a"`:                     true,
		`word contains "b" or now > now`:  true,
		`outputs.price.usd > 1`:           false,
		`data.limit > 1`:                  false,
		`any(split(word, " "), # == "c")`: false,
		`true`:                            false, // It is warned of in each rule.
	} {
		compile := func() (*program, *Compiler, Findings) {
			rule := compiler.WithData(map[string]any{"limit": 5}).Fresh()
			p, findings := rule.WithOutputs([]string{"price"}, nil).compile(source, 0, wantBool)
			return p, rule, findings
		}
		one, first, _ := compile()
		other, second, findings := compile()
		if findings.Err() != nil || one == nil || (one == other) != shares {
			t.Errorf("%s: one program for both rules: %t, want %t (%v)", source, one == other, shares, findings)
		}
		if !reflect.DeepEqual(first.Uses(), second.Uses()) {
			t.Errorf("%s: the first rule names %v, the second %v", source, first.Uses(), second.Uses())
		}
		d := &word{Word: "a b c"}
		if _, err := other.run(d); err != nil && shares {
			t.Errorf("%s: %v", source, err)
		}
	}
	if p, _ := compiler.Fresh().compile(`word == "a"`, 0, wantText); p == nil || p == compiler.scope.programs[shared{`word == "a"`, wantBool}] {
		t.Error("a text is the program of a condition")
	}
}
