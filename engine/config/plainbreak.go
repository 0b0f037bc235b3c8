package config

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine/expression"
)

// plainBreak is \n between words or sentences; not a part of a path or of a formula.
var plainBreak = regexp.MustCompile(`(?:[^\\:\w]|\pL\pL|^)(\\n)(?:\\n|\s|$|[^\pL]|\p{Lu}|[\pL]{2,})`)

// formula are the commands of formulas that begin with an n.
var formula = regexp.MustCompile(`^\\n(?:abla|eq?|eg|ot|u|i|ewline|ewcommand|ormalsize|mid|parallel|subseteq)\b`)

// breaksAsWritten warns about \n in a text for which YAML does not make a line break of it.
func breaksAsWritten(n *yaml.Node, t expression.Template) expression.Findings {
	if n.Style&yaml.DoubleQuotedStyle != 0 {
		return nil
	}
	for _, p := range t.Parts {
		m := plainBreak.FindStringSubmatchIndex(p.Text)
		if p.Kind != expression.Literal || m == nil || formula.MatchString(p.Text[m[2]:]) || strings.Contains(p.Text, `:\`) {
			continue
		}
		return expression.Findings{{
			Warning: true, Code: "yaml-newline", Offset: p.Offset + len([]rune(p.Text[:m[2]])),
			Message: `\n is published as it stands here: only in double quotes YAML makes a line break of it`,
			Hint:    "put the text in double quotes, or below | on lines of its own",
		}}
	}
	return nil
}
