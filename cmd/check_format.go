package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"rhea/engine/config"
)

// checkFormats are for a person, a program, and the two services that put mistakes beside the code.
var checkFormats = []string{"text", "json", "github", "sarif"}

// printFindings prints what was found, and returns the exit code.
func (a *app) printFindings(f *findings, o checking) error {
	var err error
	switch o.format {
	case "json":
		err = writeJSON(a.Out, struct {
			OK       bool            `json:"ok"`
			Errors   int             `json:"errors"`
			Warnings int             `json:"warnings"`
			Problems config.Problems `json:"problems"`
			Online   *onlineReport   `json:"online,omitempty"`
			Reruns   []rerunCount    `json:"reruns,omitempty"`
		}{
			!f.failed(o.strict), len(f.problems.Errors()), len(f.problems.Warnings()), append(config.Problems{}, f.problems...),
			f.online, f.reruns,
		})
	case "github":
		for _, p := range f.problems {
			printLine(a.Out, "%s", annotation(p))
		}
	case "sarif":
		err = writeJSON(a.Out, sarif(f.problems))
	default:
		if f.online != nil {
			f.online.print(a.Out, a.paint())
		}
		_, err = fmt.Fprint(a.Err, f.problems.Render())
		printReruns(a.Out, f.reruns)
		if f.unknown != "" {
			printLine(a.Err, "%s", f.unknown)
		}
		if f.failed(o.strict) {
			printLine(a.Err, "%s", f.summary(o.strict))
		} else {
			printLine(a.Out, "%s", f.summary(o.strict))
		}
	}
	if err == nil && f.failed(o.strict) {
		return &exitError{code: exitUsage}
	}
	return failed(err)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// annotation writes a problem as a workflow command of GitHub Actions.
func annotation(p config.Problem) string {
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	kind := string(p.Severity)
	if p.Severity == config.Note {
		kind = "notice"
	}
	return fmt.Sprintf("::%s file=%s,line=%d,col=%d,title=%s::%s", kind,
		property.Replace(p.File), p.Line, p.Column, property.Replace(p.Code), data.Replace(withHint(p)))
}

func withHint(p config.Problem) string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + "\n" + p.Hint
}

// object is a JSON object.
type object = map[string]any

// sarif writes problems in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS).
func sarif(problems config.Problems) object {
	results, rules, known := []object{}, []object{}, []string{}
	for _, p := range problems {
		if !slices.Contains(known, p.Code) {
			known = append(known, p.Code)
			rules = append(rules, object{"id": p.Code})
		}
		results = append(results, object{
			"ruleId": p.Code, "level": p.Severity, "message": object{"text": withHint(p)},
			"locations": []object{{"physicalLocation": object{
				"artifactLocation": object{"uri": filepath.ToSlash(p.File)},
				"region":           object{"startLine": p.Line, "startColumn": p.Column},
			}}},
		})
	}
	return object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []object{{
			"tool":       object{"driver": object{"name": "rhea", "version": Version, "rules": rules}},
			"columnKind": "unicodeCodePoints",
			"results":    results,
		}},
	}
}
