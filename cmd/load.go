package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/profile"
)

// load reads the configuration and prints what is wrong or odd with it. The error was printed already.
func (a *app) load() (*config.File, error) {
	file, err := a.read(false)
	if err != nil {
		return nil, err
	}
	fmt.Fprint(a.Err, file.Warnings.Render())
	return file, nil
}

// read is load without the warnings. With spare it returns nil for a configuration that cannot be used.
func (a *app) read(spare bool) (*config.File, error) {
	file, err := config.Load(a.paths, config.Options{Kinds: a.kinds, LookupEnv: a.LookupEnv, Stdin: a.In})
	var problems config.Problems
	switch {
	case err == nil:
		return file, nil
	case spare:
		return nil, nil
	case errors.As(err, &problems):
		fmt.Fprint(a.Err, problems.Render())
		return nil, &exitError{code: exitUsage}
	}
	return nil, &exitError{exitUsage, err}
}

// identities opens the keys of a configuration and prints what is wrong with them. The error was printed already.
func (a *app) identities(file *config.File) (map[string]engine.Identity, error) {
	refs := make(map[string]engine.SecretRef, len(file.Identities))
	for _, id := range file.Identities {
		refs[id.Name] = id.Key
	}
	signers, warnings, err := a.openKeys(refs, filepath.Dir(file.Paths[0]))
	for _, w := range warnings {
		printLine(a.Err, "warning: %s", w)
	}
	if err != nil {
		fmt.Fprint(a.Err, keyProblems(file, err).Render())
		return nil, &exitError{code: exitUsage}
	}
	if found := a.exposed(file); len(found) > 0 {
		fmt.Fprint(a.Err, found.Render())
		return nil, &exitError{code: exitUsage}
	}
	ids := make(map[string]engine.Identity, len(signers))
	for name, s := range signers {
		id, err := identity.Of(name, s)
		if err != nil {
			return nil, failed(err)
		}
		configured, _ := file.Identity(name)
		id.FloodStop = configured.FloodStop
		ids[name] = id
	}
	return ids, nil
}

// openKeys opens keys. From then on nothing that is printed, logged, stored or published shows them.
func (a *app) openKeys(refs map[string]engine.SecretRef, dir string) (map[string]engine.Signer, []string, error) {
	signers, warnings, err := key.OpenAll(refs, key.Options{Dir: dir, LookupEnv: a.LookupEnv})
	for _, s := range signers {
		a.secrets.Know(s)
	}
	return signers, warnings, err
}

// keyProblems puts each identity's mistake at its place in the configuration.
func keyProblems(file *config.File, err error) config.Problems {
	byName := make(map[string]error)
	for _, one := range leaves(err) {
		if k, ok := errors.AsType[*key.Error](one); ok {
			byName[k.Identity] = k.Err
		}
	}
	var problems config.Problems
	for _, id := range file.Identities {
		if err, ok := byName[id.Name]; ok {
			hint := ""
			if errors.Is(err, fs.ErrNotExist) {
				hint = "`rhea key new` makes a key; check --skip-keys looks at all else without it"
			}
			problems = append(problems, id.Problem("key", "identity "+id.Name+": "+err.Error(), hint))
		}
	}
	return problems
}

// leaves takes joined errors apart.
func leaves(err error) []error {
	many, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, one := range many.Unwrap() {
		all = append(all, leaves(one)...)
	}
	return all
}

// exposed finds the keys that were opened in the files of the configuration. Where a key is read from a variable that is
// known without opening it; this finds those from files and credentials too.
func (a *app) exposed(file *config.File) config.Problems {
	var found config.Problems
	for _, path := range file.Paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // It was read from somewhere else, such as standard input.
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if a.secrets.Redact(line) != engine.Redact(line) {
				found = append(found, config.Problem{
					Severity: config.Error, File: path, Line: n, Column: 1, Code: "exposed-key",
					Message: "the secret key of an identity stands in this line",
					Hint:    "take it out; if others could read this file, make a new key",
				})
			}
		}
	}
	return found
}

// profileRules are the rules that publish the profiles of identities.
func profileRules(file *config.File) []engine.Rule {
	unmarked := make(map[string]config.Unmarked)
	for _, u := range file.Unmarked() {
		unmarked[u.Identity.Name] = u
	}
	var ids []profile.Identity
	for _, id := range file.Identities {
		one := profile.Identity{
			Name: id.Name, Fields: profileFields(id.Profile), Inbox: id.Inbox, Outbox: id.Outbox, DMRelays: id.DMRelays,
			Relays: homeOf(file, id), PoW: file.PoW,
		}
		if u, ok := unmarked[id.Name]; ok {
			one.Mark = u.Rules[0].Name
			for _, r := range u.Rules {
				one.Relays = append(one.Relays, r.Relays...)
			}
			slices.Sort(one.Relays)
			one.Relays = slices.Compact(one.Relays)
		}
		ids = append(ids, one)
	}
	return profile.Rules(ids)
}

// homeOf lists the relays to which an identity publishes when no rule says where.
func homeOf(file *config.File, id config.Identity) []string {
	relays := slices.Concat(file.RelaySets["default"], id.Outbox)
	slices.Sort(relays)
	return slices.Compact(relays)
}

// profileFields are the fields of a profile, by the names of kind 0; what the configuration leaves out is not changed.
func profileFields(p *config.Profile) map[string]any {
	if p == nil {
		return nil
	}
	fields := map[string]any{"bot": p.Bot}
	for name, text := range map[string]string{
		"name": p.Name, "display_name": p.DisplayName, "about": p.About, "picture": p.Picture, "banner": p.Banner,
		"website": p.Website, "nip05": p.NIP05, "lud16": p.LUD16,
	} {
		if text != "" {
			fields[name] = text
		}
	}
	return fields
}
