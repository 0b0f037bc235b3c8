package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"rhea/engine"
	"rhea/engine/expression"
)

// maxData is the size of all files of data together, in bytes.
const maxData = 8 << 20

// readData reads the files that expressions know as data.name. They stand beside the configuration or below it, so
// that a configuration cannot read what lies elsewhere on a machine.
func (l *loader) readData() {
	left := maxData
	for _, s := range l.sections["data"] {
		n, ok := s.d.enter(s.value)
		if !ok {
			continue
		}
		entries, ok := s.d.entries(n, "a map of names and files")
		for _, e := range entries {
			if ok && l.define(s.d, e.key, "data", e.name) {
				l.readValue(s.d, e, &left)
			}
		}
		s.d.leave()
	}
}

func (l *loader) readValue(d *decoder, e entry, left *int) {
	if !stepID.MatchString(e.name) {
		d.failAt(e.key, "data", fmt.Sprintf("%q is no name", e.name), "write letters, digits and _, so that data.name works")
		return
	}
	path, ok := d.plainText(e.value, reflect.TypeFor[string]())
	if !ok {
		return
	}
	text, err := l.readBeside(d.src.name, path, *left)
	if errors.Is(err, fs.ErrNotExist) && l.report.ignored != nil {
		l.values[e.name] = expression.Unknown{}
		return
	}
	if err != nil {
		d.failAt(e.value, "data", err.Error(), "")
		return
	}
	*left -= len(text)
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		d.failAt(e.value, "data", path+" is not JSON: "+engine.PlainJSON(text, err).Error(), "")
		return
	}
	l.values[e.name] = value
}

// readBeside reads a file below the folder of a configuration.
func (l *loader) readBeside(configuration, path string, most int) ([]byte, error) {
	switch {
	case path == "":
		return nil, errors.New("the path of the file is empty")
	case filepath.Ext(path) != ".json":
		return nil, fmt.Errorf("%s is not a .json file", path)
	case !filepath.IsLocal(path):
		return nil, fmt.Errorf("%s is not beside the configuration or below it", path)
	}
	folder := filepath.Dir(configuration)
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	defer func() { _ = root.Close() }()
	f, err := root.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if len(text) > most {
		return nil, fmt.Errorf("%s is too large: all data together may have %d MiB", path, maxData>>20)
	}
	return text, nil
}

// noFile is the path of a file that is not there.
type noFile string

func (f noFile) Error() string { return "there is no file " + string(f) + " beside the configuration" }
func (f noFile) Unwrap() error { return fs.ErrNotExist }
