package pipeline

import (
	"testing"

	"rhea/engine"
	"rhea/engine/gate"
)

// TestNoVerdictStops asks a gate that says nothing: the signal is neither stopped for good nor let pass.
func TestNoVerdictStops(t *testing.T) {
	t.Parallel()
	p := &Pipeline{}
	for name, tt := range map[string]struct {
		verdict gate.Verdict
		fails   bool
		noted   int
	}{
		"nothing": {gate.Verdict{}, true, 0},
		"skip":    {gate.Verdict{Outcome: gate.Skip}, false, 0},
		"pass":    {gate.Verdict{Outcome: gate.Pass, Reason: "fine"}, false, 1},
		"a stop":  {gate.Verdict{Outcome: engine.Loop}, false, 1},
	} {
		a := &attempt{}
		err := p.apply(t.Context(), a, "gate", tt.verdict)
		if (err != nil) != tt.fails || len(a.decision.Gates) != tt.noted {
			t.Errorf("%s: %v, noted %v", name, err, a.decision.Gates)
		}
		if stops := name == "a stop"; a.stopped() != stops {
			t.Errorf("%s: stopped is %t", name, a.stopped())
		}
	}
}
