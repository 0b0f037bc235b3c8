package text

import "strings"

// lines is text in the making: it holds back spaces and breaks until something follows them.
type lines struct {
	out []byte
	// pending is how many line breaks come before the next word, gap whether a space does.
	pending int
	gap     bool
	margins []margin
	// quoted holds the quotes that the last line stands in.
	quoted string
	// marked, when set, waits for the place of the next word.
	marked *mark
}

// margin is what a quote or an item puts before its lines.
type margin struct {
	first, rest string
	used        bool
}

func (l *lines) indent(first, rest string) {
	l.margins = append(l.margins, margin{first: first, rest: rest})
}

func (l *lines) outdent() { l.margins = l.margins[:len(l.margins)-1] }

// breakLine asks for at least n line breaks before what follows; two make a blank line.
func (l *lines) breakLine(n int) {
	l.pending = max(l.pending, n)
	l.gap = false
}

// newline is one break more, but never more than one blank line.
func (l *lines) newline() {
	l.pending = min(l.pending+1, 2)
	l.gap = false
}

func (l *lines) space() { l.gap = true }

// word writes s as it is, after what was held back.
func (l *lines) word(s string) {
	if s == "" {
		return
	}
	l.start()
	if l.marked != nil {
		l.marked.at, l.marked.set = len(l.out), true
		l.marked = nil
	}
	l.out = append(l.out, s...)
}

// flow writes s with each run of white space as one space.
func (l *lines) flow(s string) {
	for len(s) > 0 {
		i := strings.IndexFunc(s, isBlank)
		if i < 0 {
			l.word(s)
			return
		}
		l.word(s[:i])
		l.gap = true
		s = strings.TrimLeftFunc(s[i:], isBlank)
	}
}

// verbatim writes s with its own lines and spaces.
func (l *lines) verbatim(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			l.newline()
		}
		line = strings.TrimRight(line, " \t\r")
		l.word(line)
	}
}

// start writes what comes before a word: breaks with their margins, or a space.
func (l *lines) start() {
	if len(l.out) == 0 {
		l.margin()
	} else if l.pending > 0 {
		if l.pending > 1 {
			// Between two lines of one quote the blank line belongs to the quote.
			l.out = append(l.out, '\n')
			l.out = append(l.out, strings.TrimRight(common(l.quoted, l.quotes()), " ")...)
		}
		l.out = append(l.out, '\n')
		l.margin()
	} else if l.gap {
		l.out = append(l.out, ' ')
	}
	l.pending, l.gap = 0, false
}

func (l *lines) margin() {
	l.quoted = l.quotes()
	for i := range l.margins {
		m := &l.margins[i]
		if m.used {
			l.out = append(l.out, m.rest...)
		} else {
			l.out = append(l.out, m.first...)
			m.used = true
		}
	}
}

// quotes are the margins of the open quotes alone.
func (l *lines) quotes() string {
	var b strings.Builder
	for _, m := range l.margins {
		if m.first == "> " {
			b.WriteString(m.first)
		}
	}
	return b.String()
}

// mark is the place of a word.
type mark struct {
	at  int
	set bool
}

// markNext returns a mark for the word that will be written next.
func (l *lines) markNext() *mark {
	l.marked = &mark{}
	return l.marked
}

// since returns what was written from m on.
func (l *lines) since(m *mark) string {
	if !m.set {
		l.marked = nil
		return ""
	}
	return strings.TrimSpace(string(l.out[m.at:]))
}

// replace puts s in the place of all that was written from m on.
func (l *lines) replace(m *mark, s string) { l.out = append(l.out[:m.at], s...) }

func (l *lines) String() string { return strings.TrimRight(string(l.out), " \n") }

func common(a, b string) string {
	if len(a) < len(b) {
		return a
	}
	return b
}

func isBlank(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\u00a0', '\u2028', '\u2029', '\u3000':
		return true
	}
	return false
}
