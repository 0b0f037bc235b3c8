package text

// set is a set of tag names.
type set map[string]bool

func of(names ...string) set {
	s := make(set, len(names))
	for _, name := range names {
		s[name] = true
	}
	return s
}

var (
	// skipped elements are dropped with all they contain.
	skipped = of("script", "style", "noscript", "template", "title", "iframe", "noembed", "noframes", "object", "svg",
		"math", "select", "textarea", "canvas", "map", "datalist", "button")

	// void elements have no content and no end.
	void = of("br", "hr", "img", "source")

	// blocks stand on lines of their own and end an open paragraph.
	blocks = of("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl",
		"dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup",
		"hr", "html", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
		"tfoot", "th", "thead", "tr", "ul")

	// spaced blocks have a blank line before and after them.
	spaced = of("blockquote", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "menu", "ol", "p", "pre",
		"table", "ul")

	// inline elements mean something to Plain or Markdown; all other names are looked through.
	inline = of("a", "audio", "b", "code", "del", "em", "i", "kbd", "q", "s", "samp", "strike", "strong", "tt", "video")

	lists  = of("ul", "ol", "menu")
	cells  = of("td", "th")
	tables = of("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption")
)

// ending is which open elements a start tag ends, and which elements they are not searched beyond.
type ending struct{ ends, within set }

var (
	endings = map[string]ending{
		"a":     {of("a"), cells},
		"dd":    {of("dt", "dd"), of("dl")},
		"dt":    {of("dt", "dd"), of("dl")},
		"li":    {of("li"), lists},
		"tbody": {of("tbody", "thead", "tfoot", "tr"), of("table")},
		"td":    {cells, of("tr", "table")},
		"tfoot": {of("tbody", "thead", "tfoot", "tr"), of("table")},
		"th":    {cells, of("tr", "table")},
		"thead": {of("tbody", "thead", "tfoot", "tr"), of("table")},
		"tr":    {of("tr"), of("table")},
	}
	// paragraph is how any other block ends an open paragraph.
	paragraph = ending{of("p"), of("li", "td", "th", "dd", "blockquote", "div")}
)
