package expression

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"

	"rhea/engine"
)

// Chance here is a hash of the rule, the signal and the place of the call: when a signal runs again, it chooses the same.

// chance are the functions that choose; what they give is known in a run only. The compiler hands them the data and the
// number of the call first.
var chance = map[string]bool{"pick": true, "random": true, "shuffle": true}

func seedAt(arguments []any) [sha256.Size]byte {
	scope := engine.ScopeOf(arguments[0].(engine.Data))
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %v", scope.Rule.Name, scope.SignalKey(), arguments[1]))
}

// listOf is a list to choose from; what is absent is no list.
func listOf(name string, v any) (list reflect.Value, ok bool, err error) {
	if v = deref(v); v == nil {
		return list, false, nil
	}
	if _, is := elementsOf(v); !is {
		return list, false, fmt.Errorf("%s wants a list, this is %s", name, describe(v))
	}
	return reflect.ValueOf(v), true, nil
}

// pick chooses one element of a list, or a number of different ones in an order of chance.
func pick(arguments ...any) (any, error) {
	list, ok, err := listOf("pick", arguments[2])
	switch {
	case err != nil:
		return nil, err
	case len(arguments) == 4:
		return pickSome(list, arguments)
	case !ok:
		return nil, nil
	case list.Len() == 0:
		return nil, errors.New("pick wants a list that is not empty")
	}
	seed := seedAt(arguments)
	return list.Index(int(binary.BigEndian.Uint64(seed[:]) % uint64(list.Len()))).Interface(), nil
}

func pickSome(list reflect.Value, arguments []any) (any, error) {
	n, err := argument[int]("pick", arguments, 3)
	switch {
	case err != nil:
		return nil, err
	case n < 0:
		return nil, errors.New("pick wants a number of 0 or more")
	case !list.IsValid():
		return []any{}, nil
	}
	return inOrderOfChance(list, n, seedAt(arguments)), nil
}

// shuffle gives all elements of a list in an order of chance.
func shuffle(arguments ...any) (any, error) {
	list, ok, err := listOf("shuffle", arguments[2])
	if err != nil || !ok {
		return []any{}, err
	}
	return inOrderOfChance(list, list.Len(), seedAt(arguments)), nil
}

// inOrderOfChance takes at most n elements of a list into a new one.
func inOrderOfChance(list reflect.Value, n int, seed [sha256.Size]byte) any {
	order := rand.New(rand.NewChaCha8(seed)).Perm(list.Len())
	out := reflect.MakeSlice(reflect.SliceOf(list.Type().Elem()), 0, min(n, len(order)))
	for _, i := range order[:out.Cap()] {
		out = reflect.Append(out, list.Index(i))
	}
	return out.Interface()
}

// random gives a whole number, both ends included; in a loop, one for each turn.
func random(arguments ...any) (any, error) {
	least, err := argument[int]("random", arguments, 2)
	if err != nil {
		return nil, err
	}
	most, err := argument[int]("random", arguments, 3)
	if err != nil {
		return nil, err
	}
	if least > most {
		return nil, fmt.Errorf("random wants the smaller number first, these are %d and %d", least, most)
	}
	seed := seedAt(arguments)
	turn := engine.ScopeOf(arguments[0].(engine.Data)).Steps()
	binary.BigEndian.PutUint64(seed[:], binary.BigEndian.Uint64(seed[:])+uint64(turn))
	source := rand.New(rand.NewChaCha8(seed))
	if width := uint64(most) - uint64(least) + 1; width != 0 {
		return least + int(source.Uint64N(width)), nil
	}
	return int(source.Uint64()), nil
}

// acceptRandom checks the call of random after what the compiler has put before its arguments.
func acceptRandom(arguments []reflect.Type) (reflect.Type, error) {
	if err := count("random", len(arguments), 4, 4); err != nil {
		return nil, err
	}
	for _, a := range arguments[2:] {
		if !isKind(a, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64) {
			return nil, fmt.Errorf("random wants two whole numbers, this is %s", article(typeName(a)))
		}
	}
	return reflect.TypeFor[int](), nil
}

// acceptChoice makes the check for a function that chooses elements of its third argument, a list.
func acceptChoice(name string, most int, result func(element reflect.Type, arguments int) reflect.Type) func([]reflect.Type) (reflect.Type, error) {
	return func(arguments []reflect.Type) (reflect.Type, error) {
		if err := count(name, len(arguments), 3, most); err != nil {
			return nil, err
		}
		list := arguments[2]
		if !isList(list) {
			return nil, fmt.Errorf("%s wants a list, this is %s", name, article(typeName(list)))
		}
		if len(arguments) == 4 && !isKind(arguments[3], reflect.Int) {
			return nil, fmt.Errorf("%s wants a number of elements, this is %s", name, article(typeName(arguments[3])))
		}
		if list == nil || list.Kind() == reflect.Interface {
			return reflect.TypeFor[any](), nil
		}
		return result(list.Elem(), len(arguments)), nil
	}
}

func oneElement(element reflect.Type, _ int) reflect.Type { return element }

func someElements(element reflect.Type, _ int) reflect.Type { return reflect.SliceOf(element) }

func oneOrSome(element reflect.Type, arguments int) reflect.Type {
	if arguments == 4 {
		return someElements(element, arguments)
	}
	return element
}
