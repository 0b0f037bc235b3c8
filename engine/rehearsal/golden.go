package rehearsal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// goldenEvent is an event in a golden file: what a person can compare.
type goldenEvent struct {
	Kind     int        `json:"kind"`
	Content  string     `json:"content"`
	Tags     [][]string `json:"tags"`
	Identity string     `json:"identity"`
	Relays   []string   `json:"relays"`
}

// golden compares the events with those in a file, or writes it.
func (j *comparison) golden(path string, made []Owed) error {
	events := []goldenEvent{}
	for _, m := range made {
		g := goldenEvent{m.Event.Kind, m.Event.Content, [][]string{}, m.Identity, m.Relays}
		for _, tag := range m.Event.Tags {
			g.Tags = append(g.Tags, tag)
		}
		events = append(events, g)
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(events); err != nil {
		return fmt.Errorf("golden: %w", err)
	}
	file := filepath.Join(j.runner.dir, path)
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("golden: %w", err)
	}
	if bytes.Equal(old, b.Bytes()) {
		return nil
	}
	if !j.runner.update {
		if err != nil {
			old = []byte("no file; rhea test --update writes it")
		}
		j.fail("golden "+path, string(bytes.TrimSpace(old)), string(bytes.TrimSpace(b.Bytes())))
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("golden: %w", err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("golden: %w", err)
	}
	return nil
}
