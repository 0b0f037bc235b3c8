package control

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"rhea/engine"
)

// Sandbox is a bot that runs on a relay of its own process, so that anybody on this machine may speak to it.
type Sandbox struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	// Configs are the configurations that it was given, as absolute paths; none for the demo's own.
	Configs []string `json:"configs"`
	// Relay is the address of its relay.
	Relay string `json:"relay"`
	// Identities are those of its configuration.
	Identities []SandboxIdentity `json:"identities"`
	// Listening says that the bot hears what is said on its relay by now.
	Listening bool `json:"listening"`
}

// SandboxIdentity is one that can be spoken to.
type SandboxIdentity struct {
	Name   string `json:"name"`
	Pubkey string `json:"pubkey"`
	Npub   string `json:"npub"`
	// Rules are those that answer people as this identity.
	Rules []SandboxRule `json:"rules"`
}

// SandboxRule is a rule that answers people.
type SandboxRule struct {
	Name string `json:"name"`
	// Addressed says that it answers only what is said to the identity.
	Addressed bool `json:"addressed"`
}

// aboutEvent asks what was decided on an event.
type aboutEvent struct {
	Event string `json:"event"`
}

// maxDecisions is how many decisions on one event are told.
const maxDecisions = 100

// sandboxFolder is where the sandboxes of this user have their sockets.
func sandboxFolder() string {
	return filepath.Join(os.TempDir(), "rhea-sandbox-"+strconv.Itoa(os.Getuid()))
}

// ServeSandbox lets other processes of this user find a sandbox, and ask it what it has decided, until Close. Listening
// says whether the bot hears its relay.
func ServeSandbox(s Sandbox, listening func() bool, journal engine.Journal) (io.Closer, error) {
	folder := sandboxFolder()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if err := isOwn(folder); err != nil {
		return nil, err
	}
	address := filepath.Join(folder, fmt.Sprintf("%d-%s.sock", s.PID, rand.Text()[:8]))
	if len(address) > maxSocketPath {
		return nil, fmt.Errorf("the path %s is longer than the %d bytes that a socket may have", address, maxSocketPath)
	}
	listener, err := listen(address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /sandbox", answer(func(context.Context, struct{}) (Sandbox, error) {
		now := s
		now.Listening = listening()
		return now, nil
	}))
	mux.Handle("POST /decisions", answer(func(ctx context.Context, about aboutEvent) ([]engine.Decision, error) {
		return journal.History(ctx, engine.HistoryQuery{Event: about.Event, Limit: maxDecisions})
	}))
	server := &server{http: newServer(mux, idleTimeout), socket: &socket{listener, address, ""}, done: make(chan error, 1)}
	go server.serve()
	return server, nil
}

// isOwn refuses a folder that others may write to: they could put a socket of theirs there. What belongs to somebody else
// cannot be written to.
func isOwn(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() || runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder of this user alone; remove it", folder)
	}
	return nil
}
