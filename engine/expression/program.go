package expression

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"rhea/engine"
)

const (
	// Deadline is how long an evaluation may take that has loops or costly functions in it.
	Deadline = 500 * time.Millisecond
	// looks is how often the watchdog looks in that time. While the whole machine stands still it does not look, so that
	// a pause costs one look and not the evaluation.
	looks = 10
	// MaxRunaways is how many abandoned evaluations of one expression may go on. Beyond that others are put off.
	MaxRunaways = 4
)

// program is one compiled expression. It may be run many times at once.
type program struct {
	source string
	code   *vm.Program
	// of is what is known of the data.
	of *shape
	// words are the variables with strangers' free words that become part of the result.
	words []string
	// uses are the variables that it names.
	uses []string
	// loops is true when steps have to be counted, watched when the evaluation may take long.
	loops, watched bool
	// runaways counts evaluations that were abandoned and still go on.
	runaways atomic.Int32
}

// shape is what the programs for a type of data share.
type shape struct {
	data reflect.Type
	// lists are where the data hold lists.
	lists [][]int
	// machines run programs.
	machines sync.Pool
}

// RuntimeError is what went wrong in an evaluation.
type RuntimeError struct {
	// Source is the expression, Line and Column the place in it, both from 1.
	Source       string
	Line, Column int
	Message      string
	cause        error
}

func (e *RuntimeError) Error() string {
	return fmt.Sprintf("%s: %d:%d of %s", e.Message, e.Line, e.Column, shorten(e.Source))
}

// Unwrap returns the error of the function that failed, if it was one.
func (e *RuntimeError) Unwrap() error { return e.cause }

func shorten(source string) string {
	const most = 60
	rs := []rune(source)
	for i, r := range rs {
		if r == '\n' || i == most {
			return string(rs[:i]) + " …"
		}
	}
	return source
}

func (p *program) run(d engine.Data) (any, error) {
	if reflect.TypeOf(d) != p.of.data || reflect.ValueOf(d).IsNil() {
		return nil, p.errorAt(0, fmt.Sprintf("compiled for %v, evaluated with %T", p.of.data, d))
	}
	fillLists(reflect.ValueOf(d), p.of.lists)
	if p.watched {
		return p.watch(d)
	}
	return p.evaluate(d)
}

func (p *program) evaluate(d engine.Data) (any, error) {
	engine.ScopeOf(d).StartSteps()
	machine, ok := p.of.machines.Get().(*vm.VM)
	if !ok {
		machine = &vm.VM{MemoryBudget: MaxElements}
	}
	v, err := machine.Run(p.code, d)
	p.of.machines.Put(machine)
	if err != nil {
		return nil, p.runtimeError(err)
	}
	return v, nil
}

type result struct {
	value any
	err   error
}

// watch evaluates on a copy of the data, so that an evaluation that has to be abandoned changes nothing.
func (p *program) watch(d engine.Data) (any, error) {
	if p.runaways.Load() >= MaxRunaways {
		return nil, p.failure(engine.ErrBusy, fmt.Sprintf("%d earlier evaluations that were abandoned are still running", MaxRunaways))
	}
	copied := reflect.New(p.of.data.Elem())
	copied.Elem().Set(reflect.ValueOf(d).Elem())
	own, ok := reflect.TypeAssert[engine.Data](copied)
	if !ok {
		return nil, p.errorAt(0, fmt.Sprintf("%T is no data", d))
	}
	stop := engine.ScopeOf(own).Fork()
	done := make(chan result, 1)
	go func() {
		v, err := p.evaluate(own)
		done <- result{v, err}
	}()
	if r, ok := inTime(done); ok {
		engine.ScopeOf(d).Join(engine.ScopeOf(own))
		return r.value, r.err
	}
	stop()
	p.runaways.Add(1)
	go func() {
		<-done
		p.runaways.Add(-1)
	}()
	return nil, p.failure(engine.ErrAbandoned, fmt.Sprintf("took longer than %v and was abandoned", Deadline))
}

// inTime waits for a result for as long as an evaluation may take.
func inTime(done <-chan result) (r result, ok bool) {
	ticker := time.NewTicker(Deadline / looks)
	defer ticker.Stop()
	for range looks {
		select {
		case r = <-done:
			return r, true
		case <-ticker.C:
		}
	}
	return r, false
}

// failure is an error about the whole evaluation, of a class that the engine knows.
func (p *program) failure(class error, message string) *RuntimeError {
	e := p.errorAt(0, message)
	e.cause = class
	return e
}

func (p *program) runtimeError(err error) error {
	var f *file.Error
	if !errors.As(err, &f) {
		return p.errorAt(0, err.Error())
	}
	e := p.errorAt(f.From, cmp.Or(brokenPattern(f.Prev), plainError(f.Message)))
	e.cause = f.Prev
	return e
}

func (p *program) errorAt(offset int, message string) *RuntimeError {
	line, column := 1, 1
	for i, r := range []rune(p.source) {
		if i == offset {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return &RuntimeError{Source: p.source, Line: line, Column: column, Message: message}
}
