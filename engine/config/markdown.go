package config

import (
	"regexp"
	"strings"
)

// fence is a line that begins or ends a block of code in Markdown.
var fence = regexp.MustCompile("^ *(```+|~~~+) *([A-Za-z]*).*$")

// wholeFile is what a block has that is a configuration by itself, and not a part of one.
var wholeFile = regexp.MustCompile(`(?m)^ *version *:`)

// Blocks returns the blocks of a Markdown text that are whole configurations: those marked as yaml in which the key
// version stands. Empty lines are put before each, so that its lines have the numbers that they have in the text.
// Parts counts the other yaml blocks.
func Blocks(markdown []byte) (blocks [][]byte, parts int) {
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
		switch language := strings.ToLower(begin[2]); {
		case language != "yaml" && language != "yml":
		case wholeFile.MatchString(text):
			blocks = append(blocks, []byte(strings.Repeat("\n", i+1)+text+"\n"))
		default:
			parts++
		}
		i = end
	}
	return blocks, parts
}

func closes(line, opened string) bool {
	rest := strings.TrimSpace(line)
	return strings.HasPrefix(rest, opened) && strings.Trim(rest, opened[:1]) == ""
}
