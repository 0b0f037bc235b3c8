package cron

import (
	"fmt"
	"regexp"
)

// reasons put what the parser says into plain words. What is in parentheses there is %s here, in its order.
var reasons = []struct {
	says  *regexp.Regexp
	plain string
}{
	{regexp.MustCompile(`^expected .* fields?, found (\d+)`), "it needs five fields and has %s"},
	{regexp.MustCompile(`^failed to parse int from (.*?): `), "%q is no number, no weekday such as MON and no month such as JAN"},
	{regexp.MustCompile(`^end of range \((\d+)\) above maximum \((\d+)\)`), "%s is too high, %s is the most there"},
	{regexp.MustCompile(`^beginning of range \((\d+)\) below minimum \((\d+)\)`), "%s is too low, %s is the least there"},
	{regexp.MustCompile(`^beginning of range \((\d+)\) beyond end of range \((\d+)\)`), "the range from %s to %s runs backwards"},
	{regexp.MustCompile(`^step of range should be a positive number: (.*)$`), "%q has no step"},
	{regexp.MustCompile(`^too many hyphens: (.*)$`), "%q has too many hyphens"},
	{regexp.MustCompile(`^too many slashes: (.*)$`), "%q has too many slashes"},
	{regexp.MustCompile(`^negative number \((.*)\) not allowed`), "%s is less than nothing"},
	{regexp.MustCompile(`^unrecognized descriptor: (.*)$`), "%q is no name such as @hourly, @daily, @weekly, @monthly or @yearly"},
	{regexp.MustCompile(`^empty spec`), "it is empty"},
}

// plainReason says in plain words why an expression is none.
func plainReason(err error) string {
	for _, r := range reasons {
		m := r.says.FindStringSubmatch(err.Error())
		if m == nil {
			continue
		}
		parts := make([]any, 0, len(m))
		for _, part := range m[1:] {
			parts = append(parts, part)
		}
		return fmt.Sprintf(r.plain, parts...)
	}
	return "its fields cannot be read"
}
