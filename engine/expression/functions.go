package expression

import (
	"reflect"
	"slices"

	"github.com/expr-lang/expr/builtin"

	"rhea/engine"
	"rhea/engine/reference"
	"rhea/engine/text"
)

// Function is one function that every expression may call, beside those of expr itself.
type Function struct {
	// Name is how it is called, Signature how with its parameters and its result.
	Name, Signature string
	// Doc describes in one sentence what it gives.
	Doc string
}

// Functions lists what we add to expr's own functions, sorted by name.
func Functions() []Function {
	return []Function{
		{"ago", "ago(time) string", "how long ago a time was, such as \"3 hours ago\""},
		{"args", "args(text) strings", "the words of a text; what stands in quotes stays together"},
		{"capture", "capture(text, pattern) strings", "the groups of the first match of a regular expression (RE2), the whole match when it has none; nil without a match"},
		{"captures", "captures(text, pattern) lists", "what capture gives, for every match"},
		{"cycle", "cycle(list) element", "one element a run, in a shuffled order, none again before all were used; a list that stands twice in a rule gives the same one twice"},
		{"format", "format(time, layout, zone) string", "a time in Go's layout, such as \"2 January 2006\", in a time zone; the zone may be left out"},
		{"hashtags", "hashtags(list or text) string", "hashtags to write into a note: \"#golang #nostr\""},
		{"hex", "hex(bech32) string", "the 64 hex characters behind an npub, nprofile, note or nevent"},
		{"json", "json(value) string", "a value as compact JSON"},
		{"markdown", "markdown(html) string", "HTML as Markdown, fit for a long-form article"},
		{"mention", "mention(pubkey) string", "a nostr: reference to a person, who also gets a p tag"},
		{"nevent", "nevent(id) string", "the nevent of an event id"},
		{"nprofile", "nprofile(pubkey) string", "the nprofile of a public key"},
		{"npub", "npub(pubkey) string", "the npub of a public key"},
		{"parse_json", "parse_json(text) any", "the value that a JSON text holds"},
		{"pick", "pick(list, n) element", "one element by chance, the same one if the same signal runs again; with n, a list of at most n different ones"},
		{"random", "random(a, b) number", "a whole number by chance, a and b included; each call and each turn of a loop its own, the same if the same signal runs again"},
		{"sanitize", "sanitize(text) string", "strangers' text with mentions, hashtags and invoices defused"},
		{"shuffle", "shuffle(list) list", "the elements of a list in an order of chance, the same one if the same signal runs again"},
		{"text", "text(html) string", "HTML as plain text, fit for a note"},
		{"truncate", "truncate(text, n) string", "at most n characters, whole words, with … if it was longer"},
		{"url_encode", "url_encode(text) string", "text fit for a part of a URL"},
	}
}

// Builtins lists the names of expr's own functions, sorted; not now, which is a variable here.
func Builtins() []string {
	names := make([]string, 0, len(builtin.Builtins))
	for _, f := range builtin.Builtins {
		if f.Name != "now" {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

func functionNames() []string {
	var names []string
	for _, f := range Functions() {
		names = append(names, f.Name)
	}
	return append(names, Builtins()...)
}

func signatureOf(name string) (string, bool) {
	for _, f := range Functions() {
		if f.Name == name {
			return f.Signature, true
		}
	}
	return "", false
}

// functions returns what the compiler links expressions with.
func functions() []*builtin.Function {
	return []*builtin.Function{
		function1("text", func(s string) (string, error) { return text.Plain(s), nil }),
		function1("markdown", func(s string) (string, error) { return text.Markdown(s), nil }),
		function1("sanitize", func(s string) (string, error) { return text.Sanitize(s), nil }),
		function2("truncate", truncate),
		{Name: "hashtags", Func: variadic(hashtags), Validate: accept("hashtags", "string", isText, isList)},
		function1("npub", reference.Npub),
		function1("nevent", func(id string) (string, error) { return reference.Nevent(id, "", -1) }),
		function1("nprofile", func(pubkey string) (string, error) { return reference.Nprofile(pubkey) }),
		function1("hex", hex),
		function2("mention", mention),
		{Name: "format", Func: format, Validate: acceptFormat},
		{Name: "ago", Func: ago, Validate: acceptAgo},
		{Name: "pick", Func: pick, Validate: acceptChoice("pick", 4, oneOrSome)},
		{Name: "shuffle", Func: shuffle, Validate: acceptChoice("shuffle", 3, someElements)},
		{Name: "random", Func: random, Validate: acceptRandom},
		{Name: "cycle", Func: cycle, Validate: acceptChoice("cycle", 3, oneElement)},
		{Name: "capture", Func: capture, Validate: acceptCapture("capture", reflect.TypeFor[[]string]())},
		{Name: "captures", Func: captures, Validate: acceptCapture("captures", reflect.TypeFor[[][]string]())},
		function1("args", args),
		{Name: "json", Func: variadic(toJSON), Validate: accept("json", "string")},
		function1("parse_json", parseJSON),
		function1("url_encode", urlEncode),
		function3("replace", replace),
		function2("repeat", repeat),
		{Name: "toJSON", Func: variadic(toJSON), Validate: accept("toJSON", "string")},
		{Name: tickName, Func: tick, Types: []reflect.Type{reflect.TypeFor[func(any) bool]()}},
		{Name: boundName, Func: counted, Validate: same},
		{Name: emptyName, Func: empty, Types: []reflect.Type{reflect.TypeFor[func(any) bool]()}},
	}
}

func function1[A, R any](name string, f func(A) (R, error)) *builtin.Function {
	return &builtin.Function{
		Name:  name,
		Types: []reflect.Type{reflect.TypeFor[func(A) R]()},
		Func: func(arguments ...any) (any, error) {
			a, err := argument[A](name, arguments, 0)
			if err != nil {
				return nil, err
			}
			return bounded(f(a))
		},
	}
}

func function2[A, B, R any](name string, f func(A, B) (R, error)) *builtin.Function {
	return &builtin.Function{
		Name:  name,
		Types: []reflect.Type{reflect.TypeFor[func(A, B) R]()},
		Func: func(arguments ...any) (any, error) {
			a, err := argument[A](name, arguments, 0)
			if err != nil {
				return nil, err
			}
			b, err := argument[B](name, arguments, 1)
			if err != nil {
				return nil, err
			}
			return bounded(f(a, b))
		},
	}
}

func function3[A, B, C, R any](name string, f func(A, B, C) (R, error)) *builtin.Function {
	return &builtin.Function{
		Name:  name,
		Types: []reflect.Type{reflect.TypeFor[func(A, B, C) R]()},
		Func: func(arguments ...any) (any, error) {
			a, err := argument[A](name, arguments, 0)
			if err != nil {
				return nil, err
			}
			b, err := argument[B](name, arguments, 1)
			if err != nil {
				return nil, err
			}
			c, err := argument[C](name, arguments, 2)
			if err != nil {
				return nil, err
			}
			return bounded(f(a, b, c))
		},
	}
}

func variadic[R any](f func(any) (R, error)) func(...any) (any, error) {
	return func(arguments ...any) (any, error) { return f(arguments[0]) }
}

// counted is bound for what an expression makes on its way.
func counted(arguments ...any) (any, error) {
	v, err := bound(arguments[1])
	if s, ok := v.(string); ok && err == nil {
		err = engine.ScopeOf(arguments[0].(engine.Data)).Make(len(s))
	}
	return v, err
}

func tick(arguments ...any) (any, error) {
	return true, engine.ScopeOf(arguments[0].(engine.Data)).Step()
}
