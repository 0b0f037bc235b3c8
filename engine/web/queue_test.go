package web_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine/web"
)

func TestQueueSpacesTheRequestsToAHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, begin := web.NewQueue(), time.Now()
		var mu sync.Mutex
		at := make(map[string][]time.Duration)
		var all sync.WaitGroup
		for i := range 6 {
			host := []string{"one.example", "www.ONE.example", "two.example"}[i%3]
			all.Go(func() {
				leave, err := q.Enter(t.Context(), host)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				name := map[bool]string{true: "two", false: "one"}[host == "two.example"]
				at[name] = append(at[name], time.Since(begin))
				mu.Unlock()
				<-time.After(2 * time.Second)
				leave()
				leave() // Twice does no harm.
			})
		}
		all.Wait()
		if want := []time.Duration{0, 3 * time.Second, 6 * time.Second, 9 * time.Second}; !slices.Equal(at["one"], want) {
			t.Errorf("one host was asked at %v, want %v", at["one"], want)
		}
		if want := []time.Duration{0, 3 * time.Second}; !slices.Equal(at["two"], want) {
			t.Errorf("the other was asked at %v, want %v", at["two"], want)
		}
	})
}

func TestQueueLetsFewRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := web.NewQueue()
		var mu sync.Mutex
		running, most := 0, 0
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				leave, err := q.Enter(t.Context(), fmt.Sprint(i, ".example"))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				<-time.After(time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				leave()
			})
		}
		all.Wait()
		if most != 8 {
			t.Errorf("%d ran at once, want 8", most)
		}
	})
}

func TestQueueIsLeftWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := web.NewQueue()
		leave, err := q.Enter(t.Context(), "one.example")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := q.Enter(ctx, "one.example"); err == nil {
			t.Error("two are asking one host at once")
		}
		leave()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := q.Enter(impatient, "one.example"); err == nil {
			t.Error("there was no pause between two requests")
		}
		if leave, err = q.Enter(t.Context(), "one.example"); err != nil {
			t.Fatal(err)
		}
		leave()
	})
}
