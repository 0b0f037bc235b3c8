package engine

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Kinds is the list of triggers and actions that a program offers to its configurations.
type Kinds struct {
	Triggers []TriggerKind
	Actions  []ActionKind
}

// TriggerKind declares one kind of trigger: its name, the shape of its configuration and of its data.
type TriggerKind struct {
	// Name is the key below `trigger`.
	Name string
	// Config is the struct that the configuration is decoded into, by its `yaml` tags.
	Config reflect.Type
	// Defaults is a value of Config.
	Defaults any
	// Data is the type of Signal.Data: a pointer to a struct that embeds Scope. A signal that waits for a limit is kept as
	// JSON; a kind whose data does not survive that is a [Sampler].
	Data reflect.Type
	// Answers says that signals carry other people's events; MaxAge is then how old they may be by default.
	Answers bool
	MaxAge  time.Duration
	// Addressed says that the events speak to the identity itself, so that the rule holds a conversation.
	Addressed bool
	// Reruns says that the trigger asks its [Intake] for what failed before the rule was changed.
	Reruns bool
	// Sources are Go files by the import path of their package; see [TriggerKind.Documented].
	Sources map[string]fs.FS

	build func(config any, s Setup) (Trigger, error)
}

// NewTriggerKind declares a kind of trigger. Build checks the configuration and returns the trigger; it must not
// do anything else, because a configuration is also built only to be checked. Its errors may name a key with [At].
// It panics when Config has a field that holds an expression: a trigger has no data to evaluate one with.
func NewTriggerKind[Config, D any, P interface {
	*D
	Data
}](name string, defaults Config, build func(Config, Setup) (Trigger, error)) TriggerKind {
	if path, ok := findExpression(reflect.TypeFor[Config](), nil); ok {
		panic(fmt.Sprintf("engine: the configuration of the trigger %s has an expression in its field %s: "+
			"only an action has data to evaluate one with; use a plain type", name, path))
	}
	return TriggerKind{
		Name:     name,
		Config:   reflect.TypeFor[Config](),
		Defaults: defaults,
		Data:     reflect.TypeFor[P](),
		build: func(config any, s Setup) (Trigger, error) {
			c, ok := config.(Config)
			if !ok {
				return nil, fmt.Errorf("trigger %s wants a %T, not a %T", name, c, config)
			}
			if s.Log == nil {
				s.Log = slog.New(slog.DiscardHandler)
			}
			return build(c, s)
		},
	}
}

// Answering marks a kind whose signals are other people's events, answered while younger than maxAge.
func (k TriggerKind) Answering(maxAge time.Duration) TriggerKind {
	k.Answers, k.MaxAge = true, maxAge
	return k
}

// Addressing marks a kind whose signals are people who speak to the identity.
func (k TriggerKind) Addressing() TriggerKind {
	k.Addressed = true
	return k
}

// Rerunning marks a kind that has run again what failed before its rule was changed.
func (k TriggerKind) Rerunning() TriggerKind {
	k.Reruns = true
	return k
}

// Documented hands over the Go files of the package that declares Config, or Data when Config has no name. Embedded in the
// program they tell its users what the comments say of the kind, where a function returns it, of its keys and of its
// variables. A kind without them is described by its keys and their types alone.
func (k TriggerKind) Documented(files fs.FS) TriggerKind {
	pkg := k.Config.PkgPath()
	if pkg == "" {
		pkg = k.Data.Elem().PkgPath()
	}
	k.Sources = withSources(k.Sources, pkg, files)
	return k
}

// ReadData makes data of the kind of what was written down.
func (k TriggerKind) ReadData(text []byte) (Data, error) {
	v := reflect.New(k.Data.Elem())
	if err := json.Unmarshal(text, v.Interface()); err != nil {
		return nil, err
	}
	data, _ := reflect.TypeAssert[Data](v)
	return data, nil
}

// Build makes the trigger from a value of Config.
func (k TriggerKind) Build(config any, s Setup) (Trigger, error) { return k.build(config, s) }

// ActionKind declares one kind of action.
type ActionKind struct {
	// Name is the key of the action.
	Name string
	// Config is the struct that the configuration is decoded into, by its `yaml` tags.
	Config reflect.Type
	// Defaults is a value of Config.
	Defaults any
	// Silent says that the action publishes nothing.
	Silent bool
	// Sources are Go files by the import path of their package; see [ActionKind.Documented].
	Sources map[string]fs.FS

	build func(config any) (Action, error)
}

// NewActionKind declares a kind of action. Build checks the configuration and does nothing else.
func NewActionKind[Config any](name string, defaults Config, build func(Config) (Action, error)) ActionKind {
	return ActionKind{
		Name:     name,
		Config:   reflect.TypeFor[Config](),
		Defaults: defaults,
		build: func(config any) (Action, error) {
			c, ok := config.(Config)
			if !ok {
				return nil, fmt.Errorf("action %s wants a %T, not a %T", name, c, config)
			}
			return build(c)
		},
	}
}

// Silently marks a kind that publishes nothing.
func (k ActionKind) Silently() ActionKind {
	k.Silent = true
	return k
}

// Documented hands over the Go files of the package that declares Config, as [TriggerKind.Documented] does.
func (k ActionKind) Documented(files fs.FS) ActionKind {
	k.Sources = withSources(k.Sources, k.Config.PkgPath(), files)
	return k
}

// Build makes the action from a value of Config.
func (k ActionKind) Build(config any) (Action, error) { return k.build(config) }

// withSources adds the files of a package, and leaves the map as it is for other copies of the kind.
func withSources(sources map[string]fs.FS, pkg string, files fs.FS) map[string]fs.FS {
	all := make(map[string]fs.FS, len(sources)+1)
	maps.Copy(all, sources)
	all[pkg] = files
	return all
}

// findExpression returns the path of the first field below a type that holds an expression.
func findExpression(t reflect.Type, above []reflect.Type) (string, bool) {
	if t.Implements(reflect.TypeFor[expression]()) {
		return "", true
	}
	if slices.Contains(above, t) {
		return "", false
	}
	above = append(above, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return findExpression(t.Elem(), above)
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if path, ok := findExpression(f.Type, above); ok && f.IsExported() {
				return strings.TrimSuffix(f.Name+"."+path, "."), true
			}
		}
	}
	return "", false
}

// FieldError is a mistake in one key of a kind's configuration.
type FieldError struct {
	// Path is the key below the kind, such as "cron" or "tags.0.1".
	Path string
	Err  error
}

func (f *FieldError) Error() string { return f.Path + ": " + f.Err.Error() }

// Unwrap returns the mistake itself.
func (f *FieldError) Unwrap() error { return f.Err }

// At says that err is about the key at path. Several mistakes are joined with [errors.Join].
func At(path string, err error) error { return &FieldError{Path: path, Err: err} }

// ErrRequired is what is wrong with a key that was left out.
var ErrRequired = errors.New("is required")

// Required is the mistake of leaving out a key.
func Required(path string) error { return At(path, ErrRequired) }

// ErrEmptyList is what is wrong with a list that was given and holds nothing.
var ErrEmptyList = errors.New("is empty and would match nothing; give at least one value or leave the key out")

// OneOf checks that the value of the key at path is one of a few words.
func OneOf(path, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return At(path, fmt.Errorf("%q is unknown; write one of %s", value, strings.Join(words, ", ")))
}

// sources are the files that declare what configurations and expressions know of this package: [SecretRef], [Scope].
//
//go:embed secret.go signal.go
var sources embed.FS

// Sources returns the files of this package whose comments users read; see [TriggerKind.Documented].
func Sources() fs.FS { return sources }
