package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/ledger"
)

// statePath is where the state file is: as the flag --state says, as configured, or beside the configuration.
func statePath(file *config.File, flag string) string {
	switch {
	case flag != "":
		return flag
	case file.State == "":
		return filepath.Join(filepath.Dir(file.Paths[0]), "rhea.db")
	case filepath.IsAbs(file.State):
		return file.State
	}
	return filepath.Join(filepath.Dir(file.Paths[0]), file.State)
}

// stateRef names a bot's state file, with its configuration if that can be read.
type stateRef struct {
	path string
	file *config.File
}

// stateRef finds the state of the configured bot, or of the flag --state, which needs no configuration.
func (a *app) stateRef(flag string) (stateRef, error) {
	file, err := a.read(flag != "")
	if err != nil {
		return stateRef{}, err
	}
	if file == nil {
		return stateRef{path: flag}, nil
	}
	return stateRef{statePath(file, flag), file}, nil
}

// openState finds the state and opens it for reading.
func (a *app) openState(flag string) (s stateRef, r ledger.Reader, err error) {
	if s, err = a.stateRef(flag); err == nil {
		r, err = s.reader()
	}
	return s, r, err
}

// reader opens the state for reading, also while a bot runs on it.
func (s stateRef) reader() (ledger.Reader, error) {
	r, err := control.OpenReader(s.path)
	return r, s.unopened(err)
}

// unopened explains why the state cannot be opened; nil when it can.
func (s stateRef) unopened(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no state file %s: the bot has not run yet, or keeps its state elsewhere (--state)", s.path)
	}
	return failed(err)
}

// controls returns the controls of the running bot, or of the state itself. Running says which.
func (a *app) controls(ctx context.Context, s stateRef) (c control.Controls, running bool, err error) {
	c, running, err = control.Connect(ctx, s.path, control.Options{Secrets: a.secrets, Signers: func(origins engine.Positions) (control.Signers, error) {
		if s.file == nil {
			return nil, usage("the keys are named in the configuration; name it with -c")
		}
		ids, err := a.identities(s.file)
		if err != nil {
			return nil, err
		}
		// The rules may be others by now than those that derived identities.
		book := identity.New(identity.Options{Configured: ids, Derive: identity.Derive, Origins: origins, Secrets: a.secrets})
		return func(pubkey string) engine.Signer { return book.Signer(ctx, pubkey) }, nil
	}})
	return c, running, s.unopened(err)
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
