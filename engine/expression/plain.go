package expression

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// others are messages of the libraries below, which speak Go. What is in parentheses stands in the plain words, in order.
var others = []struct {
	form  form
	plain string
}{
	{formOf(`^invalid operation: (int|float)\((.*)\)$`), "%s wants a number, and %q is none"},
	{formOf(`^invalid date (.*)$`), `%q is no date such as "2026-01-31"`},
	{formOf(`^time: .* duration "(.*)"$`), `%q is no time span such as "90m" or "48h"`},
	{formOf(`^unexpected end of JSON input$`), "this is not JSON: it ends too early"},
	{formOf(`^invalid character (.*?) (?:looking|after|in) .*$`), "this is not JSON: %s cannot stand there"},
	{formOf(`^illegal base64 data.*$`), "this is not base64"},
	{formOf(`^parsing time "(.*?)" as "(.*?)": .*$`), "%q does not have the layout %q"},
	{formOf(`^parsing time "(.*?)": .*$`), "%q is no time"},
	{formOf(`^unknown time zone (.*)$`), "there is no time zone %q"},
	{formOf(`^index out of range: (-?\d+) \(array length is (\d+)\)$`), "there is no element %s: the first of %s is 0"},
	{formOf(`^reduce of empty array.*$`), "reduce wants a list that is not empty, or a value to begin with"},
	{formOf(`^invalid pair.*$`), `fromPairs wants pairs such as ["name", 1]`},
	{formOf(`^unknown order.*$`), `the order is "asc" or "desc"`},
	{formOf(`^.*integer divide by zero$`), "this divides by zero"},
	{formOf(`^(?:invalid \w+ literal: .*|\w+ literal is too large)$`), "this is no number that can be reckoned with"},
	{formOf(`^invalid number of arguments.*\(expected (.*), got (\d+)\)$`), "the number of arguments is %s here, not %s"},
	{formOf(`^expected at least (\d+) arguments$`), "this wants at least %s arguments"},
	{formOf(`^cannot redeclare (?:\w+ )?(\S+)$`), "the name %s is taken: choose another one"},
	{formOf(`^type .*\[.*\] is undefined$`), "this has no elements"},
	{formOf(`^unrecognized character: \S+ '(.*)'$`), "%s means nothing here"},
	{formOf(`^cannot concat string$`), "concat joins lists; texts are joined by +"},
	{formOf(`^cannot (?:concat|flatten|reverse|uniq|take from|get (?:first|last) element from) (\w+)$`), "this wants a list, and has a %s"},
	{formOf(`^cannot get (?:keys|values) from (\w+)$`), "this wants a map, and has a %s"},
	{formOf(`^expected name$`), "a name is missing behind this dot"},
	{formOf(`^unclosed comment$`), "this comment is never closed"},
}

// inPlainWords puts a message of a library into words of ours; any other stays.
func inPlainWords(message string) string {
	for _, o := range others {
		m := o.form().FindStringSubmatch(message)
		if m == nil {
			continue
		}
		parts := make([]any, 0, len(m))
		for _, part := range m[1:] {
			parts = append(parts, part)
		}
		return fmt.Sprintf(o.plain, parts...)
	}
	return message
}

// brokenPattern says what is wrong with a regular expression that was put together for a signal; "" for another error.
func brokenPattern(err error) string {
	if _, ok := errors.AsType[*syntax.Error](err); !ok {
		return ""
	}
	message, hint := plainPattern(err)
	return strings.TrimSuffix(message+"; "+hint, "; ")
}
