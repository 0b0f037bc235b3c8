package text_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"rhea/engine/text"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, html, want string }{
		{"nothing", "", ""},
		{"no HTML keeps its lines", "one\ntwo\n\nthree", "one  \ntwo\n\nthree"},
		{"formatting", "<p>a <b>b</b> <em>c</em> <del>d</del> <code>e</code></p>", "a **b** *c* ~~d~~ `e`"},
		{"heading and paragraphs", "<h2>T</h2><p>a</p><p>b</p>", "## T\n\na\n\nb"},
		{"lists", "<ul><li>a<li>b</ul><ol start=3><li>c</ol>", "- a\n- b\n\n3. c"},
		{"two lists", "<ul><li>a</ul><ul><li>b</ul>", "- a\n\n- b"},
		{"quote", "<blockquote><p>a</p><p>b</p></blockquote>", "> a\n> \n> b"},
		{"code block", `<pre><code class="hljs language-go">x := 1</code></pre>`, "```go\nx := 1\n```"},
		{"link and image", `<a href="https://x.example/">x</a> <img src="https://x.example/p.jpg" alt="P">`, "[x](https://x.example/) ![P](https://x.example/p.jpg)"},
		{"link that leads nowhere", `<a href="javascript:x">a</a> <a href="/b">b</a>`, "a b"},
		{"tracking pixel", `a<img src="https://x.example/t" width=1>`, "a"},
		{"table", "<table><tr><th>a<th>b<tr><td>1<td>2</table>", "| a | b |\n|---|---|\n| 1 | 2 |"},
		{"script", "a<script>alert(1)</script>b", "ab"},
		{"film", `<video src="https://x.example/v.mp4"></video>`, "[https://x.example/v.mp4](https://x.example/v.mp4)"},
		{"words that look like Markdown", "<p>*a* # b</p>", `\*a* # b`},
		{"words that look like HTML", "<p>&lt;div onclick=x&gt; 1 &lt; 2</p>", "&lt;div onclick=x&gt; 1 &lt; 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := text.Markdown(test.html); got != test.want {
				t.Errorf("Markdown(%q)\n got %q\nwant %q", test.html, got, test.want)
			}
		})
	}
}

var (
	code    = regexp.MustCompile("`")
	rawHTML = regexp.MustCompile(`<[a-zA-Z/!?]`)
)

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"<p>&lt;script&gt;alert(1)&lt;/script&gt;", "<b>&lt;b&gt;<table><td>&lt;i&gt;", `<img alt="<x>" src="https://x.example/<y>">`,
		`<a href="https://x.example/&quot;&gt;&lt;b&gt;">&lt;a&gt;</a>`, "<ul><li><h1>x<pre>&lt;p&gt;", "*a* _b_ <http://x>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, html string) {
		got := text.Markdown(html)
		if !utf8.ValidString(got) {
			t.Errorf("Markdown(%q) = %q is not UTF-8", html, got)
		}
		// In code, what looks like HTML is only shown.
		if !code.MatchString(got) && rawHTML.MatchString(strings.ReplaceAll(got, `\<`, "")) {
			t.Errorf("Markdown(%q) = %q has HTML in it", html, got)
		}
	})
}

func BenchmarkMarkdown(b *testing.B) {
	html := strings.Repeat(`<p>An <b>ordinary</b> paragraph with <a href="https://x.example/">a link</a> &amp; more.</p>`, 100)
	b.SetBytes(int64(len(html)))
	b.ReportAllocs()
	for b.Loop() {
		text.Markdown(html)
	}
}

// TestMarkdownOfTooMuch: what nobody wrote by hand becomes plain text, and any number of empty lines is one gap.
func TestMarkdownOfTooMuch(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ document, want string }{
		"empty lines":   {"a" + strings.Repeat("\n", 100_000) + "b", "a\n\nb"},
		"elements":      {strings.Repeat("<b>*</b>", 20_001), strings.Repeat("*", 20_001)},
		"lines":         {strings.Repeat("*\n", 20_001), strings.TrimSpace(strings.Repeat("*\n", 20_001))},
		"not too much":  {"<b>*</b>", "**\\***"},
		"two and three": {"a\n\nb\n\n\nc\nd", "a\n\nb\n\nc  \nd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text.Markdown(tc.document); got != tc.want {
				t.Errorf("%.100q, want %.100q", got, tc.want)
			}
		})
	}
}

// The converter looks from every bracket to the end; of so many it would for an hour.
func TestMarkdownOfBrackets(t *testing.T) {
	t.Parallel()
	brackets := strings.Repeat("[", 1<<20)
	if got := text.Markdown("<p>" + brackets); got != brackets {
		t.Errorf("%d brackets become %d bytes", len(brackets), len(got))
	}
	if got := text.Markdown("<p>[1] <b>bold</b>"); !strings.Contains(got, "**bold**") {
		t.Errorf("a bracket makes %q", got)
	}
}
