package triggers

import (
	"encoding/json"
	"fmt"
)

// Resume changes a position of the feed trigger so that what holds the feed back is over: a flood that was held is
// posted, and a server that wants to be left alone, or is gone, is asked at once. changed is false when nothing does.
func Resume(position string) (resumed string, changed bool, err error) {
	var s feedState
	if position == "" {
		return position, false, nil
	}
	if err := json.Unmarshal([]byte(position), &s); err != nil {
		return position, false, fmt.Errorf("not the position of a feed: %w", err)
	}
	if s.Held == 0 && s.NotBefore == 0 && !s.Gone {
		return position, false, nil
	}
	s.Released += s.Held
	s.Held, s.Limit, s.NotBefore, s.Gone = 0, 0, 0, false
	return s.position("").Value, true, nil
}
