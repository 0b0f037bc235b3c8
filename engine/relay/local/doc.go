// Package local is an honest little Nostr relay that lives in this process. The demo, the sandbox and the tests
// talk to it instead of the network. It speaks NIP-01 with deletions (NIP-09), relay information (NIP-11),
// expiration (NIP-40), authentication (NIP-42) and protected events (NIP-70); it checks every id and signature
// and answers as the relays in the field do. Everything it keeps has a bound, because strangers can connect.
//
// It may use nothing of ours, so that it cannot share a mistake with the client.
//
// A [Relay] can be listened on (Listen), mounted (ServeHTTP) or spoken with directly (Connect, Publish, Query).
package local
