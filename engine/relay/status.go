package relay

import (
	"cmp"
	"slices"
	"time"
)

// Status is the state of a connection to a relay.
type Status struct {
	URL string
	// Pubkey is the identity that the connection belongs to, "" while identities share it.
	Pubkey string
	// Up is true while there is a connection.
	Up bool
	// Failure is why there is none, and Next when another try is due; both zero during the first try.
	Failure string
	Next    time.Time
	// Gap names the stored events that may have been missed since the start, "" for none.
	Gap string
	// Queries counts the queries on the connection, and Refused are those that the relay does not serve, also in part.
	// A refusal stays until the relay serves the query, also when the connection is lost.
	Queries int
	Refused []Refused
}

// Status returns the state of the connections in use, in the order of their addresses.
func (n *Network) Status() []Status {
	n.mu.Lock()
	sessions := make([]*session, 0, len(n.sessions))
	for _, s := range n.sessions {
		sessions = append(sessions, s)
	}
	n.mu.Unlock()
	all := make([]Status, 0, len(sessions))
	for _, s := range sessions {
		all = append(all, s.status())
	}
	slices.SortFunc(all, func(a, b Status) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Pubkey, b.Pubkey))
	})
	return all
}

func (s *session) status() Status {
	queries, refused := s.planner.queryStatus()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{URL: s.url, Pubkey: s.pubkey, Up: s.link != nil, Gap: s.gap, Queries: queries, Refused: refused}
	if !st.Up {
		st.Next = s.next
		if s.failure != nil {
			st.Failure = s.failure.Error()
		}
	}
	return st
}

// noteGap notes that stored events could not be read.
func (s *session) noteGap(gap string) {
	s.mu.Lock()
	news := s.gap != gap
	s.gap = gap
	s.mu.Unlock()
	if news {
		s.log.Warn("some events may be missing", "gap", gap)
	}
}
