package cmd

import (
	"time"

	"rhea/engine"
)

type feedStatus struct {
	Rule    string     `json:"rule"`
	Address string     `json:"address"`
	Status  string     `json:"status"`
	Read    *time.Time `json:"read"`
	Rest    *time.Time `json:"rest"`
	Note    string     `json:"note,omitempty"`
}

// feedStatus asks every trigger that looks after sources of its own what it has stored of them.
func (s stateRef) feedStatus(positions map[string]string, now time.Time) ([]feedStatus, error) {
	all := []feedStatus{}
	if s.file == nil {
		return all, nil
	}
	for _, r := range s.file.Rules {
		for i, stream := range r.Streams() {
			t := r.Triggers[i]
			trigger, err := t.Kind.Build(t.Config, engine.Setup{Rule: r.Name, Stream: stream, Relays: t.Relays})
			if err != nil {
				return nil, err
			}
			watcher, ok := trigger.(engine.Watcher)
			if !ok {
				continue
			}
			for _, source := range watcher.Sources(positions, now) {
				all = append(all, feedStatus{
					r.Name, source.Address, source.Status, moment(source.Read), moment(source.Rest), source.Note,
				})
			}
		}
	}
	return all, nil
}
