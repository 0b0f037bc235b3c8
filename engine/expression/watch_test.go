package expression_test

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/expression"
)

// slow is data with a method that takes for ever.
type slow struct {
	engine.Scope
	Gate    chan struct{} `expr:"-"`
	Text    string        `expr:"text_of"`
	Dragged *atomic.Int32 `expr:"-"`
}

func (s *slow) Forever() bool {
	<-s.Gate
	return true
}

// Hears takes 10 s for a slow text.
func (s *slow) Hears(text string) bool {
	if text == "slow" {
		<-time.After(10 * time.Second)
	}
	return true
}

// Drags takes a while for anything, and counts how often.
func (s *slow) Drags(int) bool {
	s.Dragged.Add(1)
	<-time.After(200 * time.Millisecond)
	return false
}

func compileSlow(t *testing.T, source string) engine.Condition {
	t.Helper()
	c, err := expression.New(reflect.TypeFor[*slow]())
	if err != nil {
		t.Fatal(err)
	}
	condition, findings := c.Condition(source)
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	return condition
}

// TestWatchdog: an evaluation that takes too long is given up, and those who come while some run away are put off.
func TestWatchdog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		condition := compileSlow(t, `any([1, 2], forever)`)
		d := &slow{Gate: make(chan struct{})}
		for n := range expression.MaxRunaways {
			_, err := condition.Eval(d)
			if !errors.Is(err, engine.ErrAbandoned) || errors.Is(err, engine.ErrBusy) || !strings.Contains(err.Error(), "took longer than 500ms") {
				t.Errorf("%d: %v", n, err)
			}
		}
		began := time.Now()
		if _, err := condition.Eval(d); !errors.Is(err, engine.ErrBusy) || !strings.Contains(err.Error(), "still running") {
			t.Errorf("while they run away: %v", err)
		}
		if time.Since(began) != 0 {
			t.Error("who is put off waits")
		}
		close(d.Gate)
		synctest.Wait()
		if ok, err := condition.Eval(d); !ok || err != nil {
			t.Errorf("afterwards: %v, %v", ok, err)
		}
	})
}

// TestWhatIsGivenUpStops: the loop of an evaluation that was given up after half a second does not turn again.
func TestWhatIsGivenUpStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &slow{Dragged: new(atomic.Int32)}
		if _, err := compileSlow(t, `any(1..100, drags(#))`).Eval(d); !errors.Is(err, engine.ErrAbandoned) {
			t.Errorf("%v", err)
		}
		<-time.After(time.Minute)
		if n := d.Dragged.Load(); n != 3 {
			t.Errorf("it turned %d times, want 3", n)
		}
	})
}

// TestSlowTextsCostOthersNothing: 20 slow texts among those of 60 others. Whoever is put off comes again; in the end all
// others have their answer, and each slow text its verdict.
func TestSlowTextsCostOthersNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		condition := compileSlow(t, `any([text_of], hears(#))`)
		var fine, given atomic.Int32
		var all sync.WaitGroup
		for i := range 80 {
			text := "hello"
			if i%4 == 0 {
				text = "slow"
			}
			<-time.After(100 * time.Millisecond)
			all.Go(func() {
				for pause := time.Second; ; pause = min(2*pause, time.Minute) {
					ok, err := condition.Eval(&slow{Text: text})
					switch {
					case errors.Is(err, engine.ErrBusy):
						<-time.After(pause)
						continue
					case ok && text == "hello":
						fine.Add(1)
					case errors.Is(err, engine.ErrAbandoned) && text == "slow":
						given.Add(1)
					default:
						t.Errorf("%s: %v, %v", text, ok, err)
					}
					return
				}
			})
		}
		all.Wait()
		<-time.After(10 * time.Second) // What was given up comes to its end.
		if fine.Load() != 60 || given.Load() != 20 {
			t.Errorf("%d others were answered, %d slow texts were given up", fine.Load(), given.Load())
		}
	})
}
