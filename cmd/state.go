package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger"
	"rhea/engine/ledger/memory"
)

// statePath is where the ledger is: as told, as configured, or beside the configuration.
func statePath(file *config.File, told string) string {
	switch {
	case told != "":
		return told
	case file.State == "":
		return filepath.Join(filepath.Dir(file.Paths[0]), "rhea.db")
	case filepath.IsAbs(file.State):
		return file.State
	}
	return filepath.Join(filepath.Dir(file.Paths[0]), file.State)
}

// stateLedger is what a bot asks of its state.
type stateLedger interface {
	engine.Ledger
	engine.Journal
}

// openState opens what the bot remembers by, and says how to make the throw-away ledger of a rule that runs dry. A
// sandbox and a dry run leave no trace in the state file; a dry run reads it, also while the bot itself is running.
func openState(file *config.File, o botOptions) (state stateLedger, overlay func() engine.Ledger, err error) {
	switch path := statePath(file, o.state); {
	case o.sandbox != "" && o.state == "":
		state = memory.New()
	case o.dryRun:
		reader, err := control.OpenReader(path)
		if errors.Is(err, fs.ErrNotExist) {
			state = memory.New()
			break
		}
		if err != nil {
			return nil, nil, err
		}
		state = dryState{memory.Over(reader), reader}
	default:
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, nil, err
		}
		if state, err = control.Open(path); err != nil {
			return nil, nil, err
		}
	}
	return state, func() engine.Ledger { return memory.Over(state) }, nil
}

// dryState is a state file with everything that is added to it thrown away.
type dryState struct {
	*memory.Overlay
	reader ledger.Reader
}

// Close closes the file as well.
func (d dryState) Close() error { return errors.Join(d.Overlay.Close(), d.reader.Close()) }
