package language

import (
	"io/fs"
	"reflect"
	"strings"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/expression"
)

// Describe puts together what may stand in configurations with these kinds. It reads the comments in their sources, so it
// takes some milliseconds. Of kinds without sources it describes the keys and their types alone.
func Describe(kinds engine.Kinds) Language {
	l := Language{shape: config.Language(), types: map[reflect.Type]config.SpecialType{}, Builtins: expression.Builtins()}
	l.Outcomes, l.comments = l.shape.Outcomes, commentsOf(l.shape, kinds)
	for _, t := range config.SpecialTypes() {
		l.types[t.Type] = t
	}
	for _, k := range kinds.Triggers {
		needs := l.needsOf(k.Config, k.Defaults, func(c any) error {
			_, err := k.Build(c, engine.Setup{})
			return err
		})
		l.Triggers = append(l.Triggers, Kind{
			Name: k.Name, Doc: l.kindDoc(k.Sources, "trigger", k.Name), Keys: l.keys(k.Config, k.Defaults, only(needs)),
			Variables: l.variables(k.Data), config: k.Config, needs: needs,
		})
	}
	for _, k := range kinds.Actions {
		needs := l.needsOf(k.Config, k.Defaults, func(c any) error {
			_, err := k.Build(c)
			return err
		})
		l.Actions = append(l.Actions, Kind{
			Name: k.Name, Doc: l.kindDoc(k.Sources, "action", k.Name), Keys: l.keys(k.Config, k.Defaults, only(needs)),
			config: k.Config, needs: needs,
		})
	}
	l.Beside = l.keys(l.shape.Step, nil, nil)
	l.File = l.keys(l.shape.File, nil, []string{"version"})
	for _, f := range expression.Functions() {
		l.Functions = append(l.Functions, Function{f.Name, f.Signature, f.Doc})
	}
	return l
}

// only lists the keys for which no other can stand in.
func only(needs []need) []string {
	var keys []string
	for _, n := range needs {
		if len(n) == 1 {
			keys = append(keys, n[0])
		}
	}
	return keys
}

// kindDoc is the comment of the function that declares a kind: "feedKind is the trigger that fires for …".
func (l *Language) kindDoc(sources map[string]fs.FS, what, name string) string {
	for pkg := range sources {
		if doc, ok := l.comments[ofKind(pkg, what, name)]; ok {
			return strings.TrimPrefix(doc, "the "+what+" that ")
		}
	}
	return ""
}

func (l *Language) variables(data reflect.Type) []Variable {
	var all []Variable
	for _, n := range expression.Names(data) {
		v := Variable{Name: n.Path, Type: n.Type, Doc: sentence(l.comments[n.Source])}
		if n.Method {
			v.Name += "(…)"
		}
		all = append(all, v)
	}
	return all
}
