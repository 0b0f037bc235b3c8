package expression

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// want is what an expression is used for.
type want int

const (
	wantValue want = iota
	wantText
	wantBool
)

// compile makes a program of one expression, whose first character stands at offset of the template.
func (c *Compiler) compile(source string, offset int, want want) (p *program, findings Findings) {
	defer func() {
		if r := recover(); r != nil {
			p, findings = nil, Findings{{Code: CodeSyntax, Offset: offset, Message: fmt.Sprint("this cannot be compiled: ", r)}}
		}
		for i := range findings {
			findings[i].Offset += offset
		}
	}()
	if len(source) > MaxSource {
		return nil, Findings{{Code: CodeLimit, Message: fmt.Sprintf("this expression is longer than %d KiB", MaxSource>>10)}}
	}
	if !utf8.ValidString(source) {
		return nil, Findings{{Code: CodeSyntax, Message: "this expression is not valid UTF-8"}}
	}
	if f, ok := control(source); ok {
		return nil, Findings{f}
	}
	if p := c.scope.programs[shared{source, want}]; p != nil {
		c.use(p)
		return p, nil
	}
	config := c.scope.configured()
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, Findings{syntaxFinding(err, source)}
	}
	seen := c.inspect(tree.Node)
	if seen.findings.Err() != nil {
		return nil, seen.findings
	}
	if len(seen.cycles) > 0 {
		if want == wantBool {
			return nil, Findings{{Code: CodeForbidden, Message: "a condition cannot draw from a cycle", Hint: "use pick"}}
		}
		*c.cycles = true
	}
	findings = seen.findings
	words := c.wordsIn(tree.Node)
	config.Visitors = c.visitors(config, source, seen)
	result, err := new(checker.Checker).PatchAndCheck(tree, config)
	if err != nil {
		return nil, append(findings, lone(c.typeFinding(err, tree.Node), tree.Node, want))
	}
	if f, ok := misused(result, want); !ok {
		return nil, append(findings, f)
	}
	loosen(tree.Node)
	code, err := generate(tree, config)
	if err != nil {
		return nil, append(findings, c.typeFinding(err, tree.Node))
	}
	p = &program{
		source: source, code: code, of: c.scope.shape, words: words,
		uses: slices.Sorted(maps.Keys(seen.uses)), loops: seen.loops, watched: seen.loops || seen.costly,
	}
	c.use(p)
	if want == wantBool && len(seen.uses) == 0 && !seen.loops && !seen.varies {
		findings = append(findings, constant(p, code)...)
	} else if b, ok := code.Node().(*ast.BoolNode); ok && want == wantBool {
		findings = append(findings, constantFinding(b.Value))
	}
	// A program that is watched counts its own runaways, and one of a rule is no other rule's.
	if len(findings)+len(seen.cycles) == 0 && !seen.own && !p.watched {
		c.scope.programs[shared{source, want}] = p
	}
	forget(code.Node())
	return p, findings
}

// lone says what to write for a condition that is one word: the quotes around it were YAML's.
func lone(f Finding, root ast.Node, want want) Finding {
	if id, ok := root.(*ast.IdentifierNode); ok && want == wantBool && strings.HasPrefix(f.Hint, offers) {
		f.Hint = `write a condition, such as event.content contains "` + id.Value + `"; ` + f.Hint
	}
	return f
}

// use notes what a program names.
func (c *Compiler) use(p *program) {
	for _, path := range p.uses {
		c.uses[path] = true
	}
}

// forget empties the tree of an expression that is compiled. Its program holds on to the root and has no use for it.
func forget(root ast.Node) {
	reflect.ValueOf(root).Elem().SetZero()
}

func (c *Compiler) visitors(config *conf.Config, source string, seen *inspection) []ast.Visitor {
	first := &once{source: source, cycles: seen.cycles}
	if c.scope.types[dataName] == nil {
		first.data = c.values
	}
	return []ast.Visitor{first, &members{cache: &config.NtCache, scope: c.scope}}
}

func generate(tree *parser.Tree, config *conf.Config) (*vm.Program, error) {
	if err := optimizer.Optimize(&tree.Node, config); err != nil {
		if located, ok := errors.AsType[*file.Error](err); ok {
			return nil, located.Bind(tree.Source)
		}
		return nil, err
	}
	return compiler.Compile(tree, config)
}

// misused checks the type of the result against the use of the expression.
func misused(t reflect.Type, want want) (Finding, bool) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	f := Finding{Code: CodeType}
	switch {
	case t == nil || t.Kind() == reflect.Interface:
		return f, true
	case want == wantBool && t.Kind() != reflect.Bool:
		f.Message = "this is " + article(typeName(t)) + ", a condition must be true or false"
		return f, false
	case t.Kind() == reflect.Func:
		f.Message, f.Hint = "this is a function", "call it with its arguments in parentheses"
		return f, false
	case want == wantText && t.Kind() == reflect.Struct && t != timeType && !t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		f.Message = "this is " + article(typeName(t)) + ", not a text"
		f.Hint = "name one of its members, or write json(…)"
		return f, false
	}
	return f, true
}

func constant(p *program, code *vm.Program) Findings {
	if v, err := new(vm.VM).Run(code, reflect.New(p.of.data.Elem()).Interface()); err == nil {
		if b, ok := v.(bool); ok {
			return Findings{constantFinding(b)}
		}
	}
	return nil
}

func constantFinding(value bool) Finding {
	f := Finding{Warning: true, Code: CodeConstant, Message: "this condition is always true"}
	if !value {
		f.Message = "this condition is always false: it never lets anything through"
	}
	return f
}
