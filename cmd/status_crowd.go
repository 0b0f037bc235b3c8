package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rhea/engine"
)

// crowdsOf picks from the positions which identities have more strangers than they may answer.
func crowdsOf(positions map[string]string) []engine.Hold {
	var crowds []engine.Hold
	for _, stream := range slices.Sorted(maps.Keys(positions)) {
		if !strings.HasPrefix(stream, engine.CrowdStream("")) {
			continue
		}
		if h, ok := engine.ParseHold(positions[stream]); ok {
			crowds = append(crowds, h)
		}
	}
	return crowds
}

func (a *app) printCrowds(crowds []engine.Hold, now time.Time) {
	for _, c := range crowds {
		say(a.Out, "%s", oneLine(fmt.Sprintf("! slowed down (%s), goes on by itself: %s", ago(c.Since, now), c.Reason)))
	}
}
