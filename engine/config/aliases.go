package config

import "gopkg.in/yaml.v3"

// maxAdded is how many values all aliases together may add to a configuration.
const maxAdded = 100_000

// aliases counts what aliases add to what is written, before anything is read: a short text may unfold into billions of
// values.
type aliases struct {
	// sizes are how many values the nodes with an anchor stand for.
	sizes map[*yaml.Node]int
	added int
	// first is the alias that added too much, nil for none.
	first *yaml.Node
}

// count returns how many values a node stands for, no more than a few above maxAdded.
func (a *aliases) count(n *yaml.Node) int {
	if n.Kind == yaml.AliasNode {
		size := a.sizes[n.Alias]
		a.added += size
		if a.added > maxAdded && a.first == nil {
			a.first = n
		}
		return size
	}
	if n.Anchor != "" {
		a.sizes[n] = maxAdded + 1 // As long as it is not counted: an alias within unfolds for ever.
	}
	size := 1 + len(n.Value)/32
	for _, child := range n.Content {
		size = min(size+a.count(child), maxAdded+1)
	}
	if n.Anchor != "" {
		a.sizes[n] = size
	}
	return size
}
