package config

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// Names are what a configuration calls its parts.
type Names struct{ Rules, Identities, Relays []string }

// NamesIn reads the names that stand in a configuration, sorted. It judges nothing, for a shell completes words while
// the file is being written: what cannot be read has no names.
func NamesIn(paths []string) Names {
	var all Names
	for _, path := range paths {
		files, err := expand(path, false)
		if err != nil {
			continue
		}
		for _, file := range files {
			all.add(file)
		}
	}
	for _, names := range []*[]string{&all.Rules, &all.Identities, &all.Relays} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	return all
}

func (all *Names) add(file string) {
	data, err := read(file)
	if err != nil || len(data) > maxFile {
		return
	}
	var root yaml.Node
	if yaml.Unmarshal(data, &root) != nil || len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return
	}
	top := root.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		switch value := top.Content[i+1]; top.Content[i].Value {
		case "rules":
			for _, rule := range value.Content {
				if name := keyOf(rule, "name"); name != nil {
					all.Rules = append(all.Rules, valueOf(rule, name).Value)
				}
			}
		case "identities":
			if value.Kind == yaml.MappingNode {
				for j := 0; j < len(value.Content); j += 2 {
					all.Identities = append(all.Identities, value.Content[j].Value)
				}
			}
		case "relays":
			all.Relays = append(all.Relays, addresses(value)...)
		}
	}
}

// addresses are the relays of a list, or of a map of lists.
func addresses(n *yaml.Node) []string {
	var all []string
	for i, value := range n.Content {
		switch {
		case value.Kind == yaml.SequenceNode:
			all = append(all, addresses(value)...)
		case n.Kind == yaml.SequenceNode && value.Kind == yaml.ScalarNode && value.Value != "":
			all = append(all, n.Content[i].Value)
		}
	}
	return all
}
