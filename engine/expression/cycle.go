package expression

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"rhea/engine"
)

// cycleName names a cycle by how its list is written, so that a rule with cycle(data.quotes) twice gets the same
// element twice. A list in brackets is numbered, so that its cycle goes on when the list is edited.
func (c *Compiler) cycleName(list ast.Node) string {
	if _, ok := list.(*ast.ArrayNode); ok {
		*c.lists++
		return "list " + strconv.Itoa(*c.lists)
	}
	const longest = 80
	written := list.String()
	if len(written) > longest {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(written))
		return strconv.FormatUint(hash.Sum64(), 16)
	}
	return written
}

// cycle gives the next element of a shuffled list and notes that it was drawn.
func cycle(arguments ...any) (any, error) {
	scope := engine.ScopeOf(arguments[0].(engine.Data))
	name, err := argument[string]("cycle", arguments, 1)
	if err != nil {
		return nil, err
	}
	v := deref(arguments[2])
	if v == nil {
		return nil, nil
	}
	elements, ok := elementsOf(v)
	if !ok {
		return nil, fmt.Errorf("cycle wants a list, this is %s", describe(v))
	}
	if len(elements) == 0 {
		return nil, errors.New("cycle wants a list that is not empty")
	}
	ids, err := identify(elements)
	if err != nil {
		return nil, err
	}
	stored, err := scope.Drawn(name)
	if err != nil {
		return nil, fmt.Errorf("reading how far the cycle has come: %w", err)
	}
	i, next := readRound(stored, seedOf(scope.Rule.Name, name)).draw(ids)
	scope.Draw(name, next.String())
	return elements[i], nil
}

func seedOf(rule, name string) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", rule, name))
	return binary.BigEndian.Uint64(sum[:])
}

// identify gives each element a number that depends on its content alone, and for equal ones on which of them
// it is.
func identify(elements []any) ([]uint64, error) {
	ids := make([]uint64, len(elements))
	seen := make(map[uint64]bool, len(elements))
	for i, e := range elements {
		text, ok := e.(string)
		if !ok {
			var err error
			if text, err = toJSON(e); err != nil {
				return nil, err
			}
		}
		sum := sha256.Sum256([]byte(text))
		id := binary.BigEndian.Uint64(sum[:])
		for seen[id] {
			id++
		}
		seen[id] = true
		ids[i] = id
	}
	return ids, nil
}

// round is how far a cycle has come. Each round has an order of its own in which every element has a fixed place,
// whatever others there are; so elements may come and go: the next one is always the first behind the
// last one drawn.
type round struct {
	seed, number uint64
	// last is the place of the element drawn last; it counts if some was drawn in this round.
	last uint64
	some bool
}

func readRound(stored string, seed uint64) round {
	r := round{seed: seed}
	number, last, ok := strings.Cut(stored, " ")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || !ok {
		return r
	}
	place, err := strconv.ParseUint(last, 16, 64)
	if err != nil {
		return r
	}
	r.number, r.last, r.some = n, place, true
	return r
}

func (r round) String() string { return fmt.Sprintf("%d %016x", r.number, r.last) }

// draw returns the index of the next element.
func (r round) draw(ids []uint64) (int, round) {
	if i, ok := r.first(ids); ok {
		return i, r.after(ids[i])
	}
	lastDrawn := -1
	for i, id := range ids {
		if r.place(id) == r.last {
			lastDrawn = i
		}
	}
	// The next round does not begin with what the last one ended with, if there is another element.
	for {
		r = round{seed: r.seed, number: r.number + 1}
		if i, _ := r.first(ids); i != lastDrawn || len(ids) == 1 {
			return i, r.after(ids[i])
		}
	}
}

// first returns the index of the first element behind the last one drawn.
func (r round) first(ids []uint64) (int, bool) {
	found, least := -1, uint64(0)
	for i, id := range ids {
		if place := r.place(id); (!r.some || place > r.last) && (found < 0 || place < least) {
			found, least = i, place
		}
	}
	return found, found >= 0
}

func (r round) after(id uint64) round {
	r.last, r.some = r.place(id), true
	return r
}

// place is where an element stands in the order of the round; two have never the same place.
func (r round) place(id uint64) uint64 { return mix(id + mix(r.seed+r.number)) }

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): one to one, and every bit of the result depends on
// every bit of x.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
