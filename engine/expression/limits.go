package expression

// The caps on what is compiled and evaluated.
const (
	// MaxSource is the size of one expression in bytes.
	MaxSource = 16 << 10
	// MaxNodes is how many nodes the tree of one expression may have.
	MaxNodes = 500
	// MaxLoops is how deeply loops may be nested.
	MaxLoops = 2
	// MaxText is the size of an evaluated text in bytes.
	MaxText = 256 << 10
	// MaxElements is how many elements the lists and maps made by one evaluation may have together.
	MaxElements = 100_000
)
