// Package relaytest is a relay for tests: honest by default, with faults on request. It is to relay
// clients what net/http/httptest is to HTTP clients.
//
// It may use package local alone.
//
//	relay := relaytest.New(t, relaytest.ForgeIDs(), relaytest.OnConnection(1, relaytest.NeverEOSE()))
//
// A [Behaviour] stands between the client and the honest relay of package local: it sees every message in both
// directions and may drop it, change it or say something else. Behaviours compose in the order given.
package relaytest
