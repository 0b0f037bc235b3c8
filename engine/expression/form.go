package expression

import (
	"regexp"
	"sync"
)

// form is a pattern of messages. Few programs meet a message, so it is compiled when the first one comes.
type form func() *regexp.Regexp

func formOf(pattern string) form {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
