package expression_test

import (
	"testing"

	"rhea/engine/expression"
)

func TestDemands(t *testing.T) {
	t.Parallel()
	for source, contradicts := range map[string]bool{
		`event.kind == 1 and event.kind == 7`:                       true,
		`event.kind == 1 && event.kind in [6, 7]`:                   true,
		`1 == event.kind and event.kind in [1, 7]`:                  false,
		`event.kind == 1 or event.kind == 7`:                        false,
		`event.kind == 1 and event.content == "a"`:                  false,
		`len(event.content) < 10 and len(event.content) > 20`:       true,
		`len(event.content) < 10 and len(event.content) >= 10`:      true,
		`len(event.content) <= 10 and len(event.content) >= 10`:     false,
		`10 > len(event.content) and len(event.content) == 12`:      true,
		`event.pow >= 20 and event.pow == 20`:                       false,
		`event.pow > -1 and event.pow < -2`:                         true,
		`event.content == "a" and event.content == "b"`:             true,
		`event.content == event.id and event.content == "b"`:        false,
		`author.bot == true and (author.bot == false or now > now)`: false,
		`event.kind ==`: false,
	} {
		all := expression.Demands(source)
		got := false
		for i := range all {
			for j := range i {
				got = got || all[i].Contradicts(all[j]) && all[j].Contradicts(all[i])
			}
		}
		if got != contradicts {
			t.Errorf("%s: contradicts = %v: %v", source, got, all)
		}
	}
	if got := expression.Demands(`${{ event.kind in [1, "a"] }}`)[0]; got.String() != `1 or "a"` || got.Offset != 4 {
		t.Errorf("%v at %d", got, got.Offset)
	}
}
