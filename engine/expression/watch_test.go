package expression_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"rhea/engine"
	"rhea/engine/expression"
)

// slow is data with a method that takes for ever.
type slow struct {
	engine.Scope
	Gate chan struct{} `expr:"-"`
}

func (s *slow) Forever() bool {
	<-s.Gate
	return true
}

func TestWatchdog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := expression.New(reflect.TypeFor[*slow]())
		if err != nil {
			t.Fatal(err)
		}
		condition, findings := c.Condition(`any([1, 2], forever)`)
		if err := findings.Err(); err != nil {
			t.Fatal(err)
		}
		d := &slow{Gate: make(chan struct{})}
		if _, err := condition.Eval(d); err == nil || !strings.Contains(err.Error(), "took longer than 500ms") {
			t.Errorf("first: %v", err)
		}
		if _, err := condition.Eval(d); err == nil || !strings.Contains(err.Error(), "still running") {
			t.Errorf("while it runs away: %v", err)
		}
		close(d.Gate)
		synctest.Wait()
		if ok, err := condition.Eval(d); !ok || err != nil {
			t.Errorf("afterwards: %v, %v", ok, err)
		}
	})
}
