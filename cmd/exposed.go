package cmd

import (
	"os"
	"strings"

	"rhea/engine"
	"rhea/engine/config"
)

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
