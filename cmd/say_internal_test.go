package cmd

import "testing"

// TestIsHere keeps what a visitor says on this machine, whatever a sandbox names as its relay.
func TestIsHere(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"ws://127.0.0.1:7777": true, "ws://[::1]:7777": true, "ws://localhost:7777": false, "wss://relay.example": false,
		"ws://10.0.0.1:7777": false, "ws://127.0.0.1.relay.example": false, "": false,
	} {
		if got := isHere(address); got != want {
			t.Errorf("isHere(%q) = %t", address, got)
		}
	}
}
