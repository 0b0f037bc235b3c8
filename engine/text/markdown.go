package text

import (
	"html"
	"strconv"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
)

// maxBrackets bounds the work of the converter, which looks from every [ to the end for what closes it.
const maxBrackets = 100 << 20

// Markdown turns HTML into Markdown without any HTML in it, as long-form articles want it (NIP-23). What [Plain]
// drops is dropped here too. At most 2 MiB are read; a document of more than 20,000 elements, which no person wrote,
// becomes plain text, and so does one full of brackets.
func Markdown(document string) string {
	safe := rewriter{lines: !markup().MatchString(document)}
	walk(document, &safe)
	if brackets := strings.Count(safe.out.String(), "["); safe.elements > maxElements || brackets*safe.out.Len() > maxBrackets {
		return Plain(document)
	}
	convert := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false)),
		strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(),
	))
	markdown, err := convert.ConvertString(safe.out.String())
	if err != nil {
		// The converter fails on no document that the rewriter writes; words are better than nothing.
		return Plain(document)
	}
	return strings.TrimSpace(markdown)
}

// rewriter is the visitor that writes the document again as HTML of which nothing is to be feared.
type rewriter struct {
	out strings.Builder
	// unlinked is true when the open a element leads nowhere.
	unlinked bool
	// lines keeps the line breaks of text that is not HTML.
	lines bool
	// elements counts what was written: the converter takes some microseconds for each.
	elements int
}

const maxElements = 20_000

var (
	// angles keeps HTML out of descriptions, which the converter does not escape.
	angles     = strings.NewReplacer("<", "", ">", "")
	blankLines = pattern(`\n{2,}`)
	language   = pattern(`\blang(?:uage)?-[a-zA-Z0-9+#-]{1,20}`)
)

func (r *rewriter) open(tag string, a attributes) {
	switch tag {
	case "a":
		href, ok := safeAddress(a["href"], "http", "https", "mailto")
		if r.unlinked = !ok; ok {
			r.write("<a", "href", href)
		}
	case "img":
		address, instead := picture(a)
		if r.out.WriteString(html.EscapeString(instead)); address != "" {
			r.write("<img", "src", address, "alt", angles.Replace(a["alt"]))
		}
	case "video", "audio", "source":
		if address, ok := mediaAddress(a["src"]); ok {
			r.write("<a", "href", address)
			r.out.WriteString(html.EscapeString(address) + "</a>")
		}
	case "code", "pre":
		r.write("<"+tag, "class", language().FindString(a["class"]))
	case "ol":
		r.write("<ol", "start", strconv.Itoa(firstNumber(a["start"])))
	default:
		r.write("<" + tag)
	}
}

func (r *rewriter) close(tag string) {
	switch tag {
	case "video", "audio":
	case "a":
		if !r.unlinked {
			r.out.WriteString("</a>")
		}
	default:
		r.out.WriteString("</" + tag + ">")
	}
}

func (r *rewriter) text(s string) {
	s = html.EscapeString(s)
	if r.lines {
		s = blankLines().ReplaceAllString(s, "<p>")
		r.elements += strings.Count(s, "\n") + strings.Count(s, "<p>")
		s = strings.ReplaceAll(s, "\n", "<br>")
	}
	r.out.WriteString(s)
}

// write writes a start tag with those attributes that have a value.
func (r *rewriter) write(tag string, attributes ...string) {
	r.elements++
	r.out.WriteString(tag)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			r.out.WriteString(" " + attributes[i] + `="` + html.EscapeString(attributes[i+1]) + `"`)
		}
	}
	r.out.WriteString(">")
}
