package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// Load reads a configuration from files, or from all *.yaml and *.yml files of a directory but *_test.yaml, in the
// order of their names; with [Options.WithTests], the *_test.yaml of each file and directory as well. The path - is
// [Options.Stdin]. What is wrong in the files is an error of type [Problems]; any other error means that they could
// not be read.
func Load(paths []string, opts Options) (*File, error) {
	l := newLoader(opts)
	for _, path := range paths {
		if path == "-" && opts.Stdin != nil {
			data, err := readAll(opts.Stdin)
			if err != nil {
				return nil, err
			}
			l.add("stdin", data)
			continue
		}
		names, err := expand(path, opts.WithTests)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			data, err := read(name)
			if err != nil {
				return nil, err
			}
			l.add(name, data)
		}
	}
	if len(paths) == 0 {
		return nil, errors.New("no configuration was named")
	}
	return l.finish()
}

// Parse reads a configuration from one text; name stands for the file in messages.
func Parse(name string, data []byte, opts Options) (*File, error) {
	l := newLoader(opts)
	l.add(name, data)
	return l.finish()
}

// Missing is the error about a configuration that is not there; it is the path.
type Missing string

func (m Missing) Error() string { return "there is no configuration " + string(m) }

func expand(path string, withTests bool) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Missing(path)
	case err != nil:
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if !info.IsDir() {
		names := []string{path}
		tests := strings.TrimSuffix(path, filepath.Ext(path)) + "_test" + filepath.Ext(path)
		if _, err := os.Stat(tests); withTests && err == nil {
			names = append(names, tests)
		}
		return names, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	var names []string
	for _, e := range entries {
		base, extension := strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), filepath.Ext(e.Name())
		if e.IsDir() || base == "" || strings.HasPrefix(base, ".") || strings.HasSuffix(base, "_test") && !withTests ||
			extension != ".yaml" && extension != ".yml" {
			continue
		}
		names = append(names, filepath.Join(path, e.Name()))
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("configuration: there is no *.yaml file in %s", path)
	}
	return names, nil
}

func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer func() { _ = f.Close() }()
	return readAll(f)
}

// readAll reads no more than it takes to see that it is too much.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return data, nil
}

// section is a top-level key of one file.
type section struct {
	d          *decoder
	key, value *yaml.Node
}

// loader carries a configuration through the steps.
type loader struct {
	report   *report
	opts     Options
	file     *File
	visited  int
	aliases  aliases
	sections map[string][]section
	first    *source
	defaults defaults
	byName   map[string]*engine.Rule
	// answerers are the rules so far that answer with words.
	answerers answerers
	// defined holds where each name was defined.
	defined map[string]string
	types   types
	// shapes, scopes and compilers are worked out once for every type.
	shapes    shapes
	scopes    map[reflect.Type]map[string]bool
	compilers map[reflect.Type]*expression.Compiler
	secrets   keyVariables
	// values are what expressions know as data.
	values map[string]any
	// uses are the sets of variables that rules name, by their names.
	uses map[string]map[string]bool
	// optOut is that of all rules that have none of their own, once it is known.
	optOut *engine.OptOut
	// sums are of values that rules name.
	sums map[string]string
}

func newLoader(opts Options) *loader {
	return &loader{
		aliases: aliases{sizes: map[*yaml.Node]int{}}, report: newReport(), opts: opts, file: &File{RelaySets: map[string][]string{}},
		sections: map[string][]section{}, answerers: answerers{}, defined: map[string]string{},
		shapes: shapes{}, types: specialTypes(), scopes: map[reflect.Type]map[string]bool{}, compilers: map[reflect.Type]*expression.Compiler{},
		values: map[string]any{}, uses: map[string]map[string]bool{}, sums: map[string]string{},
	}
}

// add reads one file into its sections.
func (l *loader) add(name string, data []byte) {
	l.file.Paths = append(l.file.Paths, name)
	s, root := parseYAML(l.report, name, data)
	if l.first == nil {
		l.first = s
	}
	if root != nil && l.unfolds(s, root) {
		l.read(s, root)
	}
}

// unfolds reports a text in which aliases add too much.
func (l *loader) unfolds(s *source, root *yaml.Node) bool {
	l.aliases.count(root)
	if l.aliases.first == nil {
		return true
	}
	l.report.fail(s, placeOf(l.aliases.first), "too-large", fmt.Sprintf("aliases add more than %d values to the configuration", maxAdded),
		"aliases (*name) of lists that hold aliases multiply")
	return false
}

// read takes the sections of a file.
func (l *loader) read(s *source, root *yaml.Node) {
	d := &decoder{report: l.report, src: s, env: l.opts.LookupEnv, secrets: &l.secrets, relays: l.relaySet, shapes: l.shapes, types: l.types,
		visited: &l.visited}
	d.guardAll(root)
	topLevel := l.shapes.of(reflect.TypeFor[fileText]()).names
	entries, ok := d.entries(root, "a map with the keys "+listed(topLevel))
	if !ok {
		return
	}
	version := false
	for _, e := range entries {
		if !slices.Contains(topLevel, e.name) {
			d.unknownKey(e, topLevel)
			continue
		}
		if e.name == "version" {
			version = true
			if e.value.Value != "1" || e.value.Kind != yaml.ScalarNode {
				d.failAt(e.value, "version", "this is a version that this program does not know", "write version: 1")
			}
		}
		l.sections[e.name] = append(l.sections[e.name], section{d, e.key, e.value})
	}
	if !version {
		d.failAt(root, codeMissing, "the key version is missing", "begin the file with version: 1")
	}
}

// finish goes through the sections in the order in which they depend on each other.
func (l *loader) finish() (*File, error) {
	l.readKeyVariables()
	l.readRelays()
	l.readIdentities()
	l.readDefaults()
	l.readData()
	l.readState()
	l.readRules()
	l.readTests()
	l.report.problems.Sort()
	if errors := l.report.problems.Errors(); len(errors) > 0 {
		return nil, l.report.problems
	}
	l.file.Data, l.file.Warnings = l.values, l.report.problems
	l.file.PoW = engine.DefaultPoWBudget()
	l.defaults.PoWBudget.apply(&l.file.PoW)
	return l.file, nil
}

// define notes the place of a name and reports a second one.
func (l *loader) define(d *decoder, n *yaml.Node, what, name string) bool {
	key := what + " " + name
	if first, ok := l.defined[key]; ok {
		d.failAt(n, "duplicate-name", fmt.Sprintf("the %s %s is defined twice, first in %s", what, name, first), "rename one of them")
		return false
	}
	l.defined[key] = fmt.Sprintf("%s:%d", d.src.name, n.Line)
	return true
}

func (l *loader) readState() {
	for i, s := range l.sections["state"] {
		if i > 0 {
			s.d.failAt(s.key, "duplicate-name", "state is defined twice", "")
		}
		s.d.decodeInto(s.value, &l.file.State)
		if l.file.State == "" && s.d.report.failed() == 0 {
			s.d.failAt(s.value, "type", "the path of the state file is empty", "")
		}
	}
}

// readRelays fills the sets: a plain list is the set "default".
func (l *loader) readRelays() {
	for _, s := range l.sections["relays"] {
		n, ok := s.d.enter(s.value)
		if !ok {
			continue
		}
		if n.Kind != yaml.MappingNode {
			if l.define(s.d, s.key, "set of relays", "default") {
				l.file.RelaySets["default"] = s.d.plainRelays(n)
			}
		} else if entries, ok := s.d.entries(n, "a map"); ok {
			for _, e := range entries {
				if e.name == outboxWord {
					s.d.failAt(e.key, "relay", "a set cannot be named outbox: the word stands for the relays of NIP-65", "choose another name")
					continue
				}
				if l.define(s.d, e.key, "set of relays", e.name) {
					l.file.RelaySets[e.name] = s.d.plainRelays(e.value)
				}
			}
		}
		s.d.leave()
	}
}

// plainRelays decodes a list in which no set can be named.
func (d *decoder) plainRelays(n *yaml.Node) []string {
	own := *d
	own.relays = nil
	var list engine.Relays
	own.decodeInto(n, &list)
	return list
}

func (l *loader) relaySet(name string) ([]string, []string, bool) {
	set, ok := l.file.RelaySets[name]
	if ok {
		return set, nil, true
	}
	return nil, sortedKeys(l.file.RelaySets), false
}
