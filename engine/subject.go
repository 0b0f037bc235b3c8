package engine

import (
	"encoding/json"
	"strings"
)

const (
	// maxWords is how many characters of a text tell what it is.
	maxWords = 200
	// wordsFrom is how many bytes of a text are looked at for them. A key that is cut there is beyond the words.
	wordsFrom = 4096
	// maxCalled is how many characters a name may have.
	maxCalled = 60
)

// SubjectOf returns what a signal is about; nil when there is nothing to tell.
func SubjectOf(s *Signal, secrets *Redactor) *Subject {
	var about Subject
	if s.Event != nil {
		about.Author, about.Words = s.Event.PubKey, s.Event.Content
	} else if d, ok := s.Data.(Titled); ok {
		about.Words, _ = d.Title()
	}
	if about.Words = firstOf(about.Words, maxWords, secrets); about == (Subject{}) {
		return nil
	}
	return &about
}

// firstOf returns the first characters of a text, without secret keys.
func firstOf(s string, most int, secrets *Redactor) string {
	s = strings.TrimSpace(secrets.Redact(Clean(s[:min(len(s), wordsFrom)])))
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// Called is what the author of a profile is called, "" when it does not say.
func (p Profile) Called(secrets *Redactor) string {
	var fields struct {
		Name        any `json:"name"`
		DisplayName any `json:"display_name"`
	}
	if json.Unmarshal([]byte(p.Content), &fields) != nil {
		return ""
	}
	for _, field := range []any{fields.Name, fields.DisplayName} {
		text, _ := field.(string)
		if name := firstOf(strings.ReplaceAll(text, "\n", " "), maxCalled, secrets); name != "" {
			return name
		}
	}
	return ""
}
