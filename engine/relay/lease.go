package relay

import (
	"context"
	"maps"
	"slices"
	"time"

	"rhea/engine"
)

// lease is the use of a session with a relay by an identity. All identities share one session until the relay asks for
// authentication; then each that was refused gets a session of its own. A lease belongs to one goroutine.
type lease struct {
	network *Network
	pubkey  string
	session *session
}

type sessionKey struct{ url, pubkey string }

// lease takes a lease on the session of the identity if it has one, else on the shared session. release must follow.
func (n *Network) lease(url, pubkey string) *lease {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.sessions[sessionKey{url, pubkey}]
	if s == nil {
		s = n.sharedSession(url)
	}
	s.addUser(pubkey)
	return &lease{n, pubkey, s}
}

// leaseAny takes a lease on any existing session with the relay, so that a look-up needs no connection of its own.
// Without a session it starts one as pubkey.
func (n *Network) leaseAny(url, pubkey string) *lease {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.sessions[sessionKey{url: url}]
	for key, own := range n.sessions {
		// An authenticated session gets more events.
		if key.url == url && key.pubkey != "" && len(own.users) > 0 {
			s, pubkey = own, key.pubkey
			break
		}
	}
	if s == nil {
		s = n.sharedSession(url)
	}
	if users := slices.Sorted(maps.Keys(s.users)); pubkey == "" && len(users) > 0 {
		pubkey = users[len(users)-1]
	}
	s.addUser(pubkey)
	return &lease{n, pubkey, s}
}

// sharedSession returns the session that belongs to no identity. The lock is held.
func (n *Network) sharedSession(url string) *session {
	key := sessionKey{url: url}
	if n.sessions[key] == nil {
		n.sessions[key] = n.startSession(url, "")
	}
	return n.sessions[key]
}

// startSession starts a session. The lock is held.
func (n *Network) startSession(url, pubkey string) *session {
	log := n.opts.Log.With("relay", url)
	s := &session{
		url:     url,
		pubkey:  pubkey,
		log:     log,
		connLog: &connLog{log: log},
		client:  n.opts.reach(url),
		signer:  n.signer,
		outage:  n.outage,
		users:   make(map[string]int),
		woken:   make(chan struct{}, 1),
		changed: make(chan struct{}),
	}
	ctx, stop := context.WithCancel(n.ctx)
	s.stop, s.planner = stop, newPlanner(ctx, s, n.recent)
	n.running.Go(func() { s.run(ctx) })
	n.running.Go(s.planner.run)
	return s
}

// separate moves the identity from the shared session to one of its own, because the relay asks for authentication;
// true means that the lease is on another session now. A single identity on a shared session keeps it as its own.
func (s *lease) separate() (moved bool) {
	n, old := s.network, s.session
	if !s.canSign() || n.dedicate(old) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dedicateTo(old, s.pubkey) {
		return false // The others have released their leases meanwhile.
	}
	key := sessionKey{old.url, s.pubkey}
	if n.sessions[key] == nil {
		n.sessions[key] = n.startSession(old.url, s.pubkey)
	}
	s.session = n.sessions[key]
	s.session.addUser(s.pubkey)
	n.removeUser(old, s.pubkey)
	return true
}

// dedicate gives a shared session to the only identity that is left on it. It reports whether the session belongs to an
// identity now.
func (n *Network) dedicate(s *session) bool {
	n.mu.Lock()
	users := slices.Collect(maps.Keys(s.users))
	n.mu.Unlock()
	if len(users) == 1 && n.signer(users[0]) == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(users) != 1 {
		return s.identity() != ""
	}
	return n.dedicateTo(s, users[0])
}

// dedicateTo is dedicate for an identity that can sign, or for none. The lock is held.
func (n *Network) dedicateTo(s *session, pubkey string) bool {
	if s.identity() != "" {
		return true
	}
	own := sessionKey{s.url, pubkey}
	if len(s.users) != 1 || s.users[pubkey] == 0 || n.sessions[own] != nil {
		return false
	}
	delete(n.sessions, sessionKey{url: s.url})
	s.update(func() { s.pubkey = pubkey })
	n.sessions[own] = s
	return true
}

// canSign reports whether the identity has a signer.
func (s *lease) canSign() bool { return s.network.signer(s.pubkey) != nil }

// release ends the lease. The session ends when it has no lease for sessionIdle.
func (s *lease) release() {
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	s.network.removeUser(s.session, s.pubkey)
}

// addUser counts a lease. The lock of the network is held.
func (s *session) addUser(pubkey string) {
	s.users[pubkey]++
	if s.retire != nil {
		s.retire.Stop()
		s.retire = nil
	}
}

// removeUser counts a lease that ended. The lock is held.
func (n *Network) removeUser(s *session, pubkey string) {
	if s.users[pubkey]--; s.users[pubkey] == 0 {
		delete(s.users, pubkey)
	}
	if len(s.users) > 0 || n.closed {
		return
	}
	s.retire = time.AfterFunc(sessionIdle, func() { n.retire(s) })
}

// retire ends a session without leases. A timer that fired before it was stopped comes late: another session may have
// replaced this one by then.
func (n *Network) retire(s *session) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(s.users) > 0 {
		return
	}
	s.stop()
	if key := (sessionKey{s.url, s.identity()}); n.sessions[key] == s {
		delete(n.sessions, key)
	}
}

func (n *Network) signer(pubkey string) engine.Signer {
	if pubkey == "" {
		return nil
	}
	return n.opts.Signer(pubkey)
}
