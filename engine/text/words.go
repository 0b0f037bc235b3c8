package text

// Truncate shortens s to at most n characters, the … included.
func Truncate(s string, n int) string { return s }

// Hashtags returns the hashtags in s: lower case, without the #, in order, each once.
func Hashtags(s string) []string { return nil }

// Hashtag makes one hashtag of s: "Machine Learning" becomes "machinelearning"; "" if nothing is left.
func Hashtag(s string) string { return s }

// Sanitize defuses what strangers' words could set off in a note.
func Sanitize(s string) string { return s }

// Links returns the http and https addresses in s, in order, each once.
func Links(s string) []string { return nil }
