package engine

import "slices"

// The types below are what a kind's configuration uses for values that hold expressions. The configuration
// compiles them against the data of the rule's trigger; a kind only evaluates them.

// Text is a string with ${{ … }} in it.
type Text struct {
	compiled[string]
	words []string
}

// Strings is a list of texts, or one text; one that is an expression and gives a list is spread.
type Strings struct{ compiled[[]string] }

// Value is any YAML value whose strings are texts; a string that is one ${{ … }} keeps its type.
type Value struct{ compiled[any] }

// Condition is an expression that is true or false.
type Condition struct {
	compiled[bool]
	names []string
	brief bool
}

// NewText makes a Text from its source and its compiled form.
func NewText(source string, eval func(Data) (string, error)) Text {
	return Text{compiled: compiled[string]{source, eval}}
}

// WithWords returns the text with what [Text.Words] says of it.
func (t Text) WithWords(words []string) Text {
	t.words = words
	return t
}

// Words are the variables with strangers' free words, such as event.content, that stand in the text as they are: with
// all that they may set off.
func (t Text) Words() []string { return t.words }

// NewStrings makes Strings from their source and compiled form.
func NewStrings(source string, eval func(Data) ([]string, error)) Strings {
	return Strings{compiled[[]string]{source, eval}}
}

// NewValue makes a Value from its source and its compiled form.
func NewValue(source string, eval func(Data) (any, error)) Value {
	return Value{compiled[any]{source, eval}}
}

// NewCondition makes a Condition from its source and its compiled form.
func NewCondition(source string, eval func(Data) (bool, error)) Condition {
	return Condition{compiled: compiled[bool]{source, eval}}
}

// WithNames returns the condition with the variables that it names. A brief one has no loop and no costly function.
func (c Condition) WithNames(names []string, brief bool) Condition {
	c.names, c.brief = names, brief
	return c
}

// IsBrief reports whether the condition can be evaluated in passing, and names only variables that are there.
func (c Condition) IsBrief(isThere func(name string) bool) bool {
	missing := func(name string) bool { return !isThere(name) }
	return c.brief && !slices.ContainsFunc(c.names, missing)
}

// expression is what all of them are.
type expression interface{ isExpression() }

type compiled[T any] struct {
	source string
	eval   func(Data) (T, error)
}

// Eval evaluates with the data of a signal. The zero value gives the zero T.
func (c compiled[T]) Eval(d Data) (T, error) {
	if c.eval == nil {
		var zero T
		return zero, nil
	}
	return c.eval(d)
}

// Source returns the text as it was written.
func (c compiled[T]) Source() string { return c.source }

// IsZero reports whether the key was left out.
func (c compiled[T]) IsZero() bool { return c.eval == nil }

func (compiled[T]) isExpression() {}
