package feed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rhea/engine"
)

var _ engine.Watcher = (*feeds)(nil)

// Sources implements [engine.Watcher]. Feeds that are configured and not read yet are told of too, those of a list
// only once they were.
func (f *feeds) Sources(positions map[string]string, now time.Time) []engine.SourceStatus {
	known := make(map[string]state)
	for _, u := range f.urls {
		known[u] = state{}
	}
	for stream, value := range positions {
		var s state
		if stream != f.setup.Stream && !strings.HasPrefix(stream, f.setup.Stream+"/") || json.Unmarshal([]byte(value), &s) != nil {
			continue
		}
		address := cmp.Or(s.Asked, s.URL)
		before, configured := known[address]
		if address == "" || f.config.OPML == "" && !configured || before.Next > s.Next {
			continue // It is not configured any more, or was kept elsewhere once.
		}
		known[address] = s
	}
	all := make([]engine.SourceStatus, 0, len(known))
	for address, s := range known {
		all = append(all, s.status(address, now))
	}
	slices.SortFunc(all, func(a, b engine.SourceStatus) int { return cmp.Compare(a.Address, b.Address) })
	return all
}

func (s *state) status(address string, now time.Time) engine.SourceStatus {
	st := engine.SourceStatus{Address: shownAddress(address), Status: "ok"}
	if s.Read > 0 {
		st.Read = time.Unix(s.Read, 0)
	}
	if rest := time.Unix(s.NotBefore, 0); s.NotBefore > 0 && rest.After(now) {
		st.Rest, st.Status = rest, "resting"
	}
	switch {
	case s.Held > 0:
		st.Status, st.Note = "held", fmt.Sprintf("%d new items at once, %d are likely", s.Held, s.Limit)
	case s.Gone:
		st.Status, st.Note = "gone", "its server says so (410)"
	case s.Failed != "":
		st.Status, st.Note = "failing", s.Failed
	case !s.Known:
		st.Status = "new"
	case s.hasMoved(now):
		st.Note = "has moved to " + shownAddress(s.Moved)
	}
	return st
}
