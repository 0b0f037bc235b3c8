package expression

import (
	"testing"

	"github.com/expr-lang/expr"
)

// TestFormsMatchTheLibrary asks that each form still matches a message of expr: a release that words them in another way
// would leave users with the library's own messages.
func TestFormsMatchTheLibrary(t *testing.T) {
	t.Parallel()
	type event struct{ Kind int }
	env := map[string]any{
		"event": event{}, "content": "text", "kind": 1, "list": []string{"a"}, "upper": func(string) string { return "" },
	}
	for source, form := range map[string]form{
		`xyzzy`:                   unknownName,
		`event.nope`:              noMember,
		`kind == "1"`:             mismatch,
		`-content`:                unaryMiss,
		`upper(1)`:                badArgument,
		`upper()`:                 wrongCount,
		`filter(content, true)`:   wantsList,
		`content ? 1 : 2`:         notBool,
		`filter(list, #)`:         predicateMix,
		`len(kind)`:               invalidArg,
		`content ?? content or 1`: mixed,
		`1 +`:                     unexpected,
	} {
		_, err := expr.Compile(source, expr.Env(env))
		if err == nil {
			t.Errorf("%s compiles", source)
			continue
		}
		if _, message := located(err); !form().MatchString(message) {
			t.Errorf("%s: the message is %q, which the form does not match", source, message)
		}
	}
	type values struct {
		Number, Word any
		Upper        func(string) string
	}
	for source, form := range map[string]form{
		`Upper(Number)`: wrongType,
		`Number - Word`: cannotDo,
		`Number.member`: cannotGet,
		`Word["name"]`:  noMembers,
	} {
		program, err := expr.Compile(source, expr.Env(values{}))
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		_, err = expr.Run(program, values{Number: 1, Word: "text", Upper: func(string) string { return "" }})
		if err == nil {
			t.Errorf("%s runs", source)
			continue
		}
		if _, message := located(err); !form().MatchString(message) {
			t.Errorf("%s: the message is %q, which the form does not match", source, message)
		}
	}
}
