package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/ledger"
)

// controls change what a bot does and owes. One process at a time writes the state: while a bot runs it is the bot,
// which offers its controls over a socket (see [server]); otherwise a verb opens the state itself (see [controller]).
type controls interface {
	ruleControls
	outboxControls
	Close() error
}

type ruleControls interface {
	// Hold stops a rule until Resume. What it has committed already is still sent.
	Hold(ctx context.Context, o holdOrder) (holdAnswer, error)
	// Resume ends every hold of a rule: the operator's, the flood stop's and those of its feeds.
	Resume(ctx context.Context, o holdOrder) (holdAnswer, error)
	// Rerun has signals of a rule that failed run again.
	Rerun(ctx context.Context, o rerunOrder) (rerunAnswer, error)
	// Undo asks the relays to delete what a rule has published.
	Undo(ctx context.Context, o undoOrder) (undoAnswer, error)
}

type outboxControls interface {
	// Retry makes deliveries due now; Drop gives up those that are open.
	Retry(ctx context.Context, o outboxOrder) (outboxAnswer, error)
	Drop(ctx context.Context, o outboxOrder) (outboxAnswer, error)
	// DropWaiting ends the wait of signals for a limit of their rule; they are not answered.
	DropWaiting(ctx context.Context, o waitingOrder) (waitingAnswer, error)
}

type holdOrder struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason,omitempty"`
}

// holdAnswer tells what held the rule before.
type holdAnswer struct {
	Rule  string        `json:"rule"`
	Held  bool          `json:"held"`
	Holds []engine.Hold `json:"holds"`
}

type outboxOrder struct {
	Deliveries []deliveryName `json:"deliveries"`
}

// deliveryName names a delivery.
type deliveryName struct {
	Event string `json:"event"`
	Relay string `json:"relay"`
}

// outboxAnswer lists what was changed; what was settled meanwhile is left out.
type outboxAnswer struct {
	Changed []deliveryName `json:"changed"`
}

// waitingOrder names what waits, so that nothing is dropped that was not meant.
type waitingOrder struct {
	Rule string   `json:"rule"`
	Keys []string `json:"keys"`
}

// waitingAnswer lists what waits no longer; what was answered meanwhile is left out.
type waitingAnswer struct {
	Rule    string   `json:"rule"`
	Dropped []string `json:"dropped"`
}

// rerunOrder names what is to run again, so that nothing does that was not shown.
type rerunOrder struct {
	Rule string   `json:"rule"`
	Keys []string `json:"keys"`
}

// rerunAnswer lists what runs again; what has been run again meanwhile is left out.
type rerunAnswer struct {
	Rule  string           `json:"rule"`
	Items []engine.Failure `json:"items"`
}

type undoOrder struct {
	Rule string `json:"rule"`
	// Since and Until bound the time at which the events were made, so that nothing is undone that was not shown.
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
}

type undoAnswer struct {
	// Events is how many were taken back, by the Requests, which are the ids of events of kind 5.
	Events   int      `json:"events"`
	Requests []string `json:"requests"`
	// Dropped is how many deliveries were still owed and are not sent any more.
	Dropped int `json:"dropped"`
}

// stateRef is where a bot's state is, and its configuration if that can be read.
type stateRef struct {
	path string
	file *config.File
}

// stateRef finds the state of the configured bot, or the one that is told, which needs no configuration.
func (a *app) stateRef(told string) (stateRef, error) {
	file, err := a.read(told != "")
	if err != nil {
		return stateRef{}, err
	}
	if file == nil {
		return stateRef{path: told}, nil
	}
	return stateRef{statePath(file, told), file}, nil
}

// reader opens the state for reading, also while a bot runs on it.
func (s stateRef) reader() (ledger.Reader, error) {
	r, err := openReader(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, failed(fmt.Errorf("there is no state file %s: the bot has not run yet, or keeps its state elsewhere (--state)", s.path))
	}
	return r, failed(err)
}

// controls returns those of the running bot, or those of the state itself. Running tells which.
func (a *app) controls(ctx context.Context, s stateRef) (c controls, running bool, err error) {
	remote, err := dial(ctx, s.path)
	if err != nil {
		return nil, false, failed(err)
	}
	if remote != nil {
		return remote, true, nil
	}
	r, err := s.reader() // A state that is not there is not made.
	if err != nil {
		return nil, false, err
	}
	if err := r.Close(); err != nil {
		return nil, false, failed(err)
	}
	l, err := openForWriting(s.path)
	if err != nil {
		return nil, false, failed(err)
	}
	return &controller{ledger: l, owner: true, secrets: a.secrets, signers: func() (signers, error) {
		if s.file == nil {
			return nil, usage("the keys are named in the configuration; name it with -c")
		}
		ids, err := a.identities(s.file)
		if err != nil {
			return nil, err
		}
		// The rules may be others by now than those that derived identities.
		book := identity.New(identity.Options{Configured: ids, Derive: identity.Derive, Origins: l, Secrets: a.secrets})
		return func(pubkey string) engine.Signer { return book.Signer(ctx, pubkey) }, nil
	}}, false, nil
}

// checkRule refuses a rule that neither the configuration nor the state knows.
func (s stateRef) checkRule(known map[string]bool, rule string) error {
	if s.file == nil || known[rule] {
		return nil
	}
	if _, ok := s.file.Rule(rule); ok {
		return nil
	}
	return usage("there is no rule %s; there is %s", rule, ruleNames(s.file))
}
