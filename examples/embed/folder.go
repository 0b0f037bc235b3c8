package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rhea/engine"
)

// maxFileBytes is the largest file that is read.
const maxFileBytes = 16 << 10

// FolderConfig is what stands below `folder:`.
type FolderConfig struct {
	// Path is the folder to look into.
	Path string `yaml:"path"`
	// Every is how often to look.
	Every engine.Duration `yaml:"every"`
}

// FolderData is what the expressions of a rule see.
type FolderData struct {
	engine.Scope

	// File is the file that was found.
	File File `expr:"file"`
}

// File is a text file that was found.
type File struct {
	// Name is its name within the folder.
	Name string `expr:"name"`
	// Lines are its lines, without the empty ones.
	Lines []string `expr:"lines"`
}

// Folder is the trigger that fires for every text file that is moved into a folder.
func Folder() engine.TriggerKind {
	defaults := FolderConfig{Every: engine.Duration(time.Second)}
	return engine.NewTriggerKind[FolderConfig, FolderData]("folder", defaults, newFolder)
}

func newFolder(c FolderConfig, s engine.Setup) (engine.Trigger, error) {
	switch {
	case c.Path == "":
		return nil, engine.Required("path")
	case c.Every <= 0:
		return nil, engine.At("every", fmt.Errorf("%s is no pause", c.Every))
	}
	return &folder{path: c.Path, every: c.Every.Std(), once: s.Once}, nil
}

type folder struct {
	path  string
	every time.Duration
	once  bool
}

var _ engine.Trigger = (*folder)(nil)

// Run implements [engine.Trigger].
func (f *folder) Run(ctx context.Context, in engine.Intake) error {
	ticker := time.NewTicker(f.every)
	defer ticker.Stop()
	for {
		if err := f.look(ctx, in); err != nil || f.once {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look emits every file that is new. One that cannot be read does not hold up the others.
func (f *folder) look(ctx context.Context, in engine.Intake) error {
	paths, err := filepath.Glob(filepath.Join(f.path, "*.txt"))
	if err != nil {
		return err
	}
	var failed error
	for _, path := range paths {
		failed = errors.Join(failed, f.emit(ctx, in, path))
	}
	return failed
}

func (f *folder) emit(ctx context.Context, in engine.Intake, path string) error {
	text, changed, err := readText(path)
	if err != nil {
		return err
	}
	name := filepath.Base(path)
	// The key says what is new: the engine acts on the same name with the same text once, for ever.
	key := fmt.Sprintf("%s:%x", name, sha256.Sum256([]byte(text)))
	if seen, err := in.Seen(ctx, key); err != nil || seen {
		return err
	}
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return in.Emit(ctx, engine.Signal{Key: key, Time: changed, Data: &FolderData{File: File{name, lines}}})
}

func readText(path string) (text string, changed time.Time, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", time.Time{}, err
	case !info.Mode().IsRegular() || info.Size() > maxFileBytes:
		return "", time.Time{}, fmt.Errorf("%s is not a file of %d bytes or less", path, maxFileBytes)
	}
	body, err := os.ReadFile(path)
	return string(body), info.ModTime(), err
}
