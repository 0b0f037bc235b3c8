package screen

import (
	"strings"

	"github.com/rivo/uniseg"
)

// WidthOf is how many columns a text takes on a terminal: an emoji and a Chinese character take two, an accent none.
func WidthOf(s string) int { return uniseg.StringWidth(s) }

// Clip shortens a text to so many columns.
func Clip(s string, most int) string {
	if WidthOf(s) <= most {
		return s
	}
	kept, _ := split(s, most-1)
	return kept + "…"
}

// split cuts a text before the first character that ends beyond so many columns.
func split(s string, most int) (fits, rest string) {
	rest = s
	for state, taken := -1, 0; rest != ""; {
		var width int
		var left string
		_, left, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if taken += width; taken > most {
			break
		}
		rest = left
	}
	return s[:len(s)-len(rest)], rest
}

// Wrap breaks a line so that no part is wider than width, unless it is one word: an id or an address stays whole, so that it
// can be copied. Lines break at spaces, and between characters of scripts that have none.
func Wrap(line string, width int) []string {
	var parts []string
	for WidthOf(line) > width {
		part, rest := breakLine(line, width)
		if rest == "" {
			break
		}
		parts, line = append(parts, part), rest
	}
	return append(parts, line)
}

// breakLine cuts a line at the last place within width that may be broken, or else at the first one beyond it. The
// indentation of a line is none.
func breakLine(line string, width int) (part, rest string) {
	begun := false
	rest = line
	for state, taken := -1, 0; rest != ""; {
		at := len(line) - len(rest)
		c, left, w, next := uniseg.FirstGraphemeClusterInString(rest, state)
		switch {
		case c == " " && begun:
			part = line[:at]
		case w > 1 && begun && at > 0 && line[at-1] != ' ':
			part = line[:at]
		}
		begun = begun || c != " "
		if taken += w; taken > width && part != "" {
			break
		}
		rest, state = left, next
	}
	if part == "" {
		return line, ""
	}
	return part, strings.TrimPrefix(line[len(part):], " ")
}

// Hang wraps a text whose further lines begin with an indent.
func Hang(first, indent, text string, width int) []string {
	parts := Wrap(text, width-max(WidthOf(first), WidthOf(indent)))
	for i := range parts {
		if i == 0 {
			parts[i] = first + parts[i]
		} else {
			parts[i] = indent + parts[i]
		}
	}
	return parts
}

// Excerpt is how a text begins, on so many lines of a width: a stranger's text is as long as it likes.
func Excerpt(text string, width, lines int) []string {
	const bytesPerColumn = 8 // More are marks upon marks.
	text = OneLine(HideTokens(text[:min(len(text), bytesPerColumn*width*lines)]))
	parts := Wrap(text, width)
	for i := range parts {
		parts[i] = Clip(parts[i], width)
	}
	if len(parts) <= lines {
		return parts
	}
	parts = parts[:lines]
	begin, _ := split(parts[lines-1], width-1)
	parts[lines-1] = strings.TrimSuffix(begin, "…") + "…"
	return parts
}
