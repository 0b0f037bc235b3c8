package expression

import (
	"fmt"
	"maps"
	"reflect"
	"strings"

	"rhea/engine"
)

// Compiler compiles what is written for one rule against the data of its trigger. It and those made of it are not for
// concurrent use; what it has compiled is.
type Compiler struct {
	data    reflect.Type
	scope   *scope
	uses    map[string]bool
	outputs *outputs
	// values are what data offers.
	values map[string]any
	// lists counts the lists that cycle was given in brackets; cycles is true when there is a cycle.
	lists  *int
	cycles *bool
	// named are the values that anything compiled so far names.
	named map[string]bool
}

type outputs struct{ known, later []string }

// New returns a compiler for a type of [engine.Data]: a pointer to a struct that embeds [engine.Scope].
func New(data reflect.Type) (*Compiler, error) {
	if data == nil || data.Kind() != reflect.Pointer || data.Elem().Kind() != reflect.Struct ||
		!data.Implements(reflect.TypeFor[engine.Data]()) {
		return nil, fmt.Errorf("%v is no data for expressions: it must be a pointer to a struct that embeds engine.Scope", data)
	}
	return &Compiler{data: data, scope: scopeOf(data), uses: map[string]bool{}, lists: new(int), cycles: new(bool), named: map[string]bool{}}, nil
}

// Fresh returns a compiler that has compiled nothing yet, for another rule with the same data.
func (c *Compiler) Fresh() *Compiler {
	return &Compiler{
		data: c.data, scope: c.scope, uses: map[string]bool{}, values: c.values, lists: new(int), cycles: new(bool), named: map[string]bool{},
	}
}

// WithData returns a compiler for expressions that may name values as members of data.
func (c *Compiler) WithData(values map[string]any) *Compiler {
	d := *c
	d.values = values
	return &d
}

// Values returns the values of data that everything compiled so far names.
func (c *Compiler) Values() map[string]any {
	named := make(map[string]any, len(c.named))
	for name := range c.named {
		named[name] = c.values[name]
	}
	return named
}

// Cycles reports whether anything compiled so far draws from a cycle.
func (c *Compiler) Cycles() bool { return *c.cycles }

// WithOutputs returns a compiler for an action before which the actions with the ids known have run. The ids that
// come later make for a better message. What it finds in use is added to c.
func (c *Compiler) WithOutputs(known, later []string) *Compiler {
	d := *c
	d.outputs = &outputs{known, later}
	return &d
}

// Uses returns the variables that everything compiled so far names: "author.name", "event.content",
// "outputs.price.body". A bare name such as "author" means that all of it may be used.
func (c *Compiler) Uses() map[string]bool { return maps.Clone(c.uses) }

// hides reports whether a name is that of a method which is not for expressions: the engine's own, or one whose
// result they cannot take.
func (c *Compiler) hides(name string) bool {
	m, ok := c.data.MethodByName(name)
	return ok && (ofScope(name) || !callable(m.Type))
}

// Condition compiles an expression that is true or false.
func (c *Compiler) Condition(source string) (engine.Condition, Findings) {
	part := Whole(source).Parts[0]
	if part.Text == "" {
		return engine.Condition{}, Findings{{Code: CodeSyntax, Message: "there is no condition here"}}
	}
	p, findings := c.compile(part.Text, part.Offset, wantBool)
	if findings.Err() != nil {
		return engine.Condition{}, findings
	}
	return engine.NewCondition(source, func(d engine.Data) (bool, error) {
		v, err := p.run(d)
		if err != nil {
			return false, err
		}
		b, ok := deref(v).(bool)
		if !ok {
			return false, p.errorAt(0, "this is "+describe(v)+", a condition must be true or false")
		}
		return b, nil
	}).WithNames(p.uses, !p.watched), findings
}

// Text compiles a text. Values in it are written as [Render] does.
func (c *Compiler) Text(t Template) (engine.Text, Findings) {
	parts, findings := c.parts(t, wantText)
	if findings.Err() != nil {
		return engine.Text{}, findings
	}
	if !t.Dynamic() {
		literal := t.Literal()
		return engine.NewText(t.Source, func(engine.Data) (string, error) { return literal, nil }), findings
	}
	var words []string
	for _, p := range parts {
		if p.program != nil {
			words = append(words, p.program.words...)
		}
	}
	text := engine.NewText(t.Source, func(d engine.Data) (string, error) { return joinParts(parts, d) })
	return text.WithWords(words), findings
}

// Value compiles a scalar: one expression keeps its type, anything else is a text.
func (c *Compiler) Value(t Template) (engine.Value, Findings) {
	if len(t.Parts) == 1 && t.Parts[0].Kind == Expression {
		p, findings := c.compile(t.Parts[0].Text, t.Parts[0].Offset, wantValue)
		if findings.Err() != nil {
			return engine.Value{}, findings
		}
		return engine.NewValue(t.Source, func(d engine.Data) (any, error) {
			v, err := p.run(d)
			return deref(v), err
		}), findings
	}
	text, findings := c.Text(t)
	if findings.Err() != nil {
		return engine.Value{}, findings
	}
	return engine.NewValue(t.Source, func(d engine.Data) (any, error) { return text.Eval(d) }), findings
}

// piece is a compiled part of a text.
type piece struct {
	literal string
	program *program
}

func (c *Compiler) parts(t Template, want want) ([]piece, Findings) {
	var all Findings
	pieces := make([]piece, 0, len(t.Parts))
	for _, p := range t.Parts {
		switch p.Kind {
		case Expression:
			compiled, findings := c.compile(p.Text, p.Offset, want)
			all = append(all, findings...)
			pieces = append(pieces, piece{program: compiled})
		case Variable:
			pieces = append(pieces, piece{literal: "${" + p.Text + "}"})
		default:
			pieces = append(pieces, piece{literal: p.Text})
			all = append(all, foreignBraces(p.Text, p.Offset, c.scope.variable)...)
		}
	}
	return pieces, all
}

func joinParts(parts []piece, d engine.Data) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		if p.program == nil {
			b.WriteString(p.literal)
		} else {
			v, err := p.program.run(d)
			if err != nil {
				return "", err
			}
			s, err := Render(v)
			if err != nil {
				return "", p.program.errorAt(0, err.Error())
			}
			b.WriteString(s)
		}
		if b.Len() > MaxText {
			return "", fmt.Errorf("the text is larger than %d KiB", MaxText>>10)
		}
	}
	return b.String(), nil
}
