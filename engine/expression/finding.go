package expression

import (
	"errors"
	"fmt"
)

// The codes of findings.
const (
	CodeSyntax    = "expr-syntax"
	CodeName      = "expr-name"
	CodeType      = "expr-type"
	CodeLimit     = "expr-limit"
	CodeLoop      = "expr-loop"
	CodePattern   = "expr-pattern"
	CodeNever     = "never-equal"
	CodeOutput    = "unknown-output"
	CodeConstant  = "constant-condition"
	CodeTemplate  = "template-syntax"
	CodeLayout    = "layout"
	CodeBraces    = "foreign-braces"
	CodeEnv       = "env-missing"
	CodeForbidden = "expr-forbidden"
)

// Finding is one error or warning about a template.
type Finding struct {
	// Warning marks what is allowed and probably not meant.
	Warning bool
	// Code is a short name for this sort of mistake, in kebab case.
	Code string
	// Offset is where it is in the template's source, in runes.
	Offset int
	// Message describes what is wrong, Hint what to do about it.
	Message, Hint string
}

func (f *Finding) Error() string {
	if f.Hint == "" {
		return fmt.Sprintf("%s (character %d)", f.Message, f.Offset+1)
	}
	return fmt.Sprintf("%s (character %d): %s", f.Message, f.Offset+1, f.Hint)
}

// Findings are in the order of the source.
type Findings []Finding

// Err joins the mistakes into one error; nil when there are only warnings.
func (f Findings) Err() error {
	var all []error
	for i := range f {
		if !f[i].Warning {
			all = append(all, &f[i])
		}
	}
	return errors.Join(all...)
}
