package expression

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func numbered(n int) []any {
	var all []any
	for i := range n {
		all = append(all, fmt.Sprint("quote ", i))
	}
	return all
}

func idsOf(t testing.TB, elements []any) []uint64 {
	t.Helper()
	ids, err := identify(elements)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// drawn draws n times, as restarts would: only the text of the state is kept.
func drawn(t testing.TB, elements []any, state string, n int) (all []any, after string) {
	t.Helper()
	ids := idsOf(t, elements)
	for range n {
		i, next := readRound(state, 7).draw(ids)
		all, state = append(all, elements[i]), next.String()
	}
	return all, state
}

func TestCycleUsesEverythingUp(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 10, 1000} {
		elements := numbered(n)
		const rounds = 20
		all, _ := drawn(t, elements, "", rounds*n)
		var orders []string
		for round := range slices.Chunk(all, n) {
			seen := map[any]bool{}
			for _, e := range round {
				seen[e] = true
			}
			if len(seen) != n {
				t.Errorf("a round of %d has %d different elements", n, len(seen))
			}
			orders = append(orders, fmt.Sprint(round))
		}
		for i := 1; i < len(all) && n > 1; i++ {
			if all[i] == all[i-1] {
				t.Errorf("%v comes twice in a row", all[i])
			}
		}
		if slices.Sort(orders); n >= 10 && len(slices.Compact(orders)) != rounds {
			t.Errorf("two rounds of %d have the same order", n)
		}
	}
}

func TestCycleTakesChangesOfItsList(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		elements := numbered(20)
		first, state := drawn(t, elements, "", 10)
		// The list is turned round, loses some and gains others.
		slices.Reverse(elements)
		elements = append(elements[rng.IntN(5):], numbered(30)[20+rng.IntN(5):]...)
		rng.Shuffle(len(elements), func(i, j int) { elements[i], elements[j] = elements[j], elements[i] })
		left := 0
		for _, e := range elements {
			if !slices.Contains(first, e) {
				left++
			}
		}
		for range left {
			number := readRound(state, 7).number
			var next []any
			if next, state = drawn(t, elements, state, 1); readRound(state, 7).number != number {
				break // What came in before the place that was reached waits for the next round.
			}
			if slices.Contains(first, next[0]) {
				t.Fatalf("%v comes again in one round", next[0])
			}
			first = append(first, next[0])
		}
	}
}

func TestCycleOfEqualElements(t *testing.T) {
	t.Parallel()
	all, _ := drawn(t, []any{"a", "b", "a"}, "", 3)
	if counts := map[any]int{all[0]: 0}; len(all) == 3 {
		for _, e := range all {
			counts[e]++
		}
		if counts["a"] != 2 || counts["b"] != 1 {
			t.Errorf("a round is %v", all)
		}
	}
}

func FuzzCycleState(f *testing.F) {
	f.Add("", 3)
	f.Add("0 ffffffffffffffff", 2)
	f.Add("18446744073709551615 0", 5)
	f.Fuzz(func(t *testing.T, state string, n int) {
		ids := idsOf(t, numbered(n&15+1))
		i, next := readRound(state, 7).draw(ids)
		if i < 0 || i >= len(ids) || readRound(next.String(), 7) != next {
			t.Errorf("%q gives %d, %v", state, i, next)
		}
	})
}

func BenchmarkCycle(b *testing.B) {
	elements := numbered(5000)
	for b.Loop() {
		if _, err := identify(elements); err != nil {
			b.Fatal(err)
		}
	}
}
