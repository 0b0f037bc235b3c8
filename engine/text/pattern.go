package text

import (
	"regexp"
	"sync"
)

// pattern compiles an expression when it is first needed: most bots need few of them, and none of them to start.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
