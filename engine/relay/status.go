package relay

import (
	"cmp"
	"slices"
	"time"
)

// Status is how a connection to a relay stands.
type Status struct {
	URL string
	// Pubkey is the identity that the connection belongs to, "" while identities share it.
	Pubkey string
	// Up says that there is a connection.
	Up bool
	// Failure is why there is none, and Next when another try is due; both zero while the first try runs.
	Failure string
	Next    time.Time
	// Gap says which stored events of the relay may have been missed since the start, "" for none.
	Gap string
	// Queries counts those that are to be served on the connection, and Refused are those of them that the relay does
	// not serve, also in part. What it refused before the connection was lost stays until it stands again.
	Queries int
	Refused []Refused
}

// Status returns how the connections that are in use stand, in the order of their addresses.
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

// missed notes that stored events could not be read, whatever was tried.
func (s *session) noteGap(gap string) {
	s.mu.Lock()
	news := s.gap != gap
	s.gap = gap
	s.mu.Unlock()
	if news {
		s.log.Warn("some events may be missing", "gap", gap)
	}
}
