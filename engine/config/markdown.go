package config

import (
	"regexp"
	"strings"
)

// fence is a line that begins or ends a block of code in Markdown.
var fence = regexp.MustCompile("^ *(```+|~~~+) *([A-Za-z]*).*$")

// Block is a yaml block of a Markdown text.
type Block struct {
	// Text begins with empty lines, so that its lines have the numbers that they have in the Markdown text.
	Text []byte
	// Whole is true when the key version stands in it: it is a configuration by itself, and not a part of one.
	Whole bool
}

// version is a line with that key, at some depth.
var version = regexp.MustCompile(`(?m)^( *)version *:`)

// isWhole reports whether the key version stands at the depth at which the block begins.
func isWhole(text string) bool {
	for _, key := range version.FindAllStringSubmatch(text, -1) {
		if depth := len(strings.TrimLeft(text, "\n")) - len(strings.TrimLeft(text, "\n ")); depth == len(key[1]) {
			return true
		}
	}
	return false
}

// Blocks returns the blocks of a Markdown text that are marked as yaml.
func Blocks(markdown []byte) []Block {
	var blocks []Block
	lines := strings.Split(strings.ReplaceAll(string(markdown), "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		begin := fence.FindStringSubmatch(lines[i])
		if begin == nil {
			continue
		}
		end := i + 1
		for end < len(lines) && !closes(lines[end], begin[1]) {
			end++
		}
		text := strings.Join(lines[i+1:end], "\n")
		if language := strings.ToLower(begin[2]); language == "yaml" || language == "yml" {
			blocks = append(blocks, Block{[]byte(strings.Repeat("\n", i+1) + text + "\n"), isWhole(text)})
		}
		i = end
	}
	return blocks
}

func closes(line, opened string) bool {
	rest := strings.TrimSpace(line)
	return strings.HasPrefix(rest, opened) && strings.Trim(rest, opened[:1]) == ""
}
