package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"rhea/engine"
)

func TestTriggerKindRefusesExpressions(t *testing.T) {
	t.Parallel()
	type part struct {
		Plain string
		When  *engine.Condition
		Again *part
	}
	type config struct{ Parts map[string][]part }
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "trigger odd") || !strings.Contains(said, "Parts.When") {
			t.Errorf("the panic says %q", said)
		}
	}()
	type data struct{ engine.Scope }
	engine.NewTriggerKind[config, data]("odd", config{}, func(config, engine.Setup) (engine.Trigger, error) {
		return nil, nil
	})
}
