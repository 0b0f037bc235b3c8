package config

import (
	"encoding"
	"reflect"
	"time"

	"gopkg.in/yaml.v3"

	"rhea/engine"
)

// SpecialType is a type that is written in another way than its Go shape. What the decoder, messages, the reference
// and the schema know of such a type is its row in [SpecialTypes], and nowhere else.
type SpecialType struct {
	Type reflect.Type
	// Words are what the reference shows of it, Plural those for a list of them.
	Words, Plural string
	// Schema is the JSON Schema of it, which may refer to a definition of the whole schema. Of a pattern, it leaves out
	// ${NAME}, which may stand for any value.
	Schema map[string]any
	// OrKeys is true when a map with the keys of the type may be written too.
	OrKeys bool
	// Sample is some value of the type, which is not the zero one.
	Sample any

	// want names one in messages, wantList a list of them; without wantList, that is "a list".
	want, wantList string
	// null is true when an empty value is one.
	null bool
	// decode fills v, which is of the type. Without it, the type reads its text itself ([encoding.TextUnmarshaler]).
	decode func(d *decoder, n *yaml.Node, v reflect.Value)
}

// SpecialTypes lists the special types. A new one is one more row.
func SpecialTypes() []SpecialType {
	return []SpecialType{
		{
			Type: reflect.TypeFor[engine.Text](), Words: "text with ${{ … }}", Plural: "texts with ${{ … }}", Schema: anyScalar(),
			Sample: engine.NewText("x", func(engine.Data) (string, error) { return "x", nil }),
			want:   "a text", decode: as((*decoder).text),
		},
		{
			Type: reflect.TypeFor[engine.Strings](), Words: "list of texts, or an expression that gives one",
			Plural: "lists of texts, or expressions that give them", Schema: definition("texts"),
			Sample: engine.NewStrings("x", func(engine.Data) ([]string, error) { return []string{"x"}, nil }),
			want:   "a list of texts", decode: as((*decoder).strings),
		},
		{
			Type: reflect.TypeFor[engine.Value](), Words: "any value, its texts with ${{ … }}",
			Plural: "values, their texts with ${{ … }}", Schema: map[string]any{},
			Sample: engine.NewValue("x", func(engine.Data) (any, error) { return "x", nil }),
			want:   "a value", null: true, decode: as((*decoder).anyValue),
		},
		{
			Type: reflect.TypeFor[engine.Condition](), Words: "expression", Plural: "expressions", Schema: definition("condition"),
			Sample: engine.NewCondition("true", func(engine.Data) (bool, error) { return true, nil }),
			want:   "an expression", decode: as((*decoder).condition),
		},
		{
			Type: reflect.TypeFor[engine.Relays](), Words: "list of wss:// addresses, or the name of a set",
			Plural: "lists of wss:// addresses, or the name of a set", Schema: definition("relays"),
			Sample: engine.Relays{"wss://relay.example"},
			want:   "a list of wss:// addresses or the name of a set", decode: as((*decoder).relayList),
		},
		{
			Type: reflect.TypeFor[engine.SecretRef](), Words: "where a secret is: { env: NAME }, { file: path }, …",
			Plural: "places of secrets: { env: NAME }, { file: path }, …", Schema: definition("secret"),
			Sample: engine.SecretRef{Env: "X"},
			want:   "a reference such as { env: NAME }", decode: as((*decoder).secretRef),
		},
		{
			Type: reflect.TypeFor[Match](), Words: "text that must be equal, or how it must be alike",
			Plural: "texts that must be equal, or how they must be alike", Schema: anyScalar(), OrKeys: true,
			Sample: Match{Contains: "x"},
			want:   "a map (key: value)", decode: as((*decoder).match),
		},
		{
			Type: reflect.TypeFor[time.Time](), Words: "time such as 2026-03-12T18:00:00+01:00",
			Plural: "times such as 2026-03-12T18:00:00+01:00", Schema: form(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`),
			Sample: time.Date(2026, time.March, 12, 18, 0, 0, 0, time.UTC),
			want:   "a time such as 2026-03-12T18:00:00+01:00", decode: as((*decoder).time),
		},
		{
			Type: reflect.TypeFor[engine.Duration](), Words: "time span such as 90s, 6h or 14d",
			Plural: "time spans such as 90s, 6h or 14d", Schema: form(`^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w))+$`),
			Sample: engine.Duration(time.Hour), want: "a duration such as 90s, 6h or 14d",
		},
		{
			Type: reflect.TypeFor[engine.Rate](), Words: "rate such as 3/10m",
			Plural: "rates such as 3/10m", Schema: form(`^[0-9]+/.+$`),
			Sample: engine.Rate{Count: 3, Per: time.Hour}, want: "a rate such as 3/10m",
		},
		{
			Type: reflect.TypeFor[rateText](), Words: "rate such as 3/10m", Plural: "rates such as 3/10m, or 0",
			Schema: map[string]any{"type": []string{"integer", "string"}, "minimum": 0, "maximum": 0, "pattern": `^(0|[0-9]+/.+)$`},
			Sample: rateText{engine.Rate{Count: 3, Per: time.Hour}},
			want:   "a rate such as 3/10m, or 0", wantList: "a rate such as 3/10m, a list of rates, or 0",
		},
		{
			Type: reflect.TypeFor[rateOrCountText](), Words: "number or rate such as 3/10m", Plural: "numbers or rates such as 3/10m",
			Schema: map[string]any{"type": []string{"integer", "string"}, "minimum": 0, "pattern": `^[0-9]+(/.+)?$`},
			Sample: rateOrCountText{rateText{engine.Rate{Count: 3, Per: time.Hour}}},
			want:   "a number or a rate such as 3/10m", wantList: "a number, a rate such as 3/10m, or a list of them",
		},
	}
}

// anyScalar takes every scalar: a number is a text as well.
func anyScalar() map[string]any {
	return map[string]any{"type": []string{"string", "number", "boolean"}}
}

func form(pattern string) map[string]any { return map[string]any{"type": "string", "pattern": pattern} }

func definition(name string) map[string]any { return map[string]any{"$ref": "#/definitions/" + name} }

func as[T any](decode func(*decoder, *yaml.Node) T) func(*decoder, *yaml.Node, reflect.Value) {
	return func(d *decoder, n *yaml.Node, v reflect.Value) { v.Set(reflect.ValueOf(decode(d, n))) }
}

// types are the special types of a loader.
type types map[reflect.Type]SpecialType

func specialTypes() types {
	all := types{}
	for _, t := range SpecialTypes() {
		all[t.Type] = t
	}
	return all
}

// want names what must be written for a type.
func (s types) want(t reflect.Type) string {
	if special, ok := s[t]; ok {
		return special.want
	}
	if readsText(t) {
		return "a text"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.want(t.Elem())
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice:
		if special := s[t.Elem()]; special.wantList != "" {
			return special.wantList
		}
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a map (key: value)"
	}
	return "a value"
}

// readsText reports whether a type reads its text itself.
func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}
