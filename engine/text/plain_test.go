package text_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rhea/engine/text"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, html, want string }{
		{"nothing", "", ""},
		{"no HTML keeps its lines", "one\ntwo\n\nthree &amp; four", "one\ntwo\n\nthree & four"},
		{"paragraphs", "<p>Hello <b>world</b></p>\n\n<p>Second&nbsp;one &amp; more</p>", "Hello world\n\nSecond one & more"},
		{"empty paragraphs", "<p>a</p><p>&nbsp;</p><p> </p><p>b</p>", "a\n\nb"},
		{"white space", "<p>  a \n\t b  <span> c</span> </p>", "a b c"},
		{"line breaks", "a<br>b<br/><br><br><br>c", "a\nb\n\nc"},
		{"divs are lines", "<div>a</div><div>b<div>c</div></div>", "a\nb\nc"},
		{"heading", "<h2>Title</h2>words", "Title\n\nwords"},
		{"list", "x<ul><li>one<li>two<ul><li>nested</ul><li><p>three</p><p>more</p></ul>y", "x\n\n- one\n- two\n  - nested\n- three\n  more\n\ny"},
		{"numbered list", "<ol start=9><li>a</li><li>b</li></ol>", "9. a\n10. b"},
		{"list without a list", "<li>a<li>b", "- a\n- b"},
		{"empty item", "<ul><li></li><li>b</li></ul>", "- b"},
		{"quote", "<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"},
		{"quote within quote", "<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"},
		{"inline quote", "he said <q>yes</q>.", "he said “yes”."},
		{"preformatted", "<p>x</p><pre>\n  if a {\n\n\tb\n  }\n</pre>y", "x\n\n  if a {\n\n\tb\n  }\n\ny"},
		{"table", "<table><tr><th>a<th>b<tr><td>1<td>2</table>", "a | b\n1 | 2"},
		{"definitions", "<dl><dt>t<dd>d</dl>", "t\n  d"},
		{"rule", "a<hr>b", "a\n\n---\n\nb"},
		{"script and style", "a<script>alert('<p>x')</script><style>p{}</style><!-- c --><noscript>n</noscript>b", "ab"},
		{"unclosed script", "a<script>alert(1)", "a"},
		{"nested svg", "a<svg><svg></svg><text>no</text></svg>b", "ab"},
		{"entities", "&lt;b&gt; &copy; &#8364; &hellip;", "<b> © € …"},
		{"invisible characters", "<p>a\u200b&#x200b;&shy;\ufeff&#8;b\x00c</p>", "abc"},
		{"invalid UTF-8", "<p>a\xffb</p>", "a\uFFFDb"},
		{"link", `see <a href="https://x.example/a?b=1&amp;c=2">this</a>, ok`, "see this (https://x.example/a?b=1&c=2), ok"},
		{"link that is its text", `<a href="https://x.example/a">https://x.example/a</a>`, "https://x.example/a"},
		{"link that is nearly its text", `at <a href="https://www.x.example/">x.example</a>.`, "at https://www.x.example/."},
		{"shortened link", `<a href="https://x.example/a/long/path">x.example/a/lo…</a>`, "https://x.example/a/long/path"},
		{"link without text", `a <a href="https://x.example/"></a> b`, "a https://x.example/ b"},
		{"link in a quote", `<blockquote><a href="https://x.example/">x.example</a></blockquote>`, "> https://x.example/"},
		{"link that leads nowhere", `<a href="#top">up</a> <a href="/a">rel</a> <a>none</a>`, "up rel none"},
		{"script link", `<a href="javascript:alert(1)">a</a> <a href=" JaVaScRiPt:x">b</a> <a href="data:text/html,x">c</a>`, "a b c"},
		{"mail", `<a href="mailto:a@b.example?subject=x">write</a> <a href="mailto:a@b.example">a@b.example</a>`, "write (a@b.example) a@b.example"},
		{"link with odd characters", `<a href="https://x.example/a b?q=&quot;<>">q</a>`, "q (https://x.example/a%20b?q=%22%3C%3E)"},
		{"hashtag and name of another network", `<a href="https://m.example/tags/go">#<span>go</span></a> <a href="https://m.example/@a">@a</a>`, "#go @a"},
		{"link within a link", `<a href="https://a.example/">a<a href="https://b.example/">b</a></a>`, "a (https://a.example/)b (https://b.example/)"},
		{"image", `a <img src="https://x.example/p.jpg" alt="A"> b`, "a\nhttps://x.example/p.jpg\nb"},
		{"late image", `<img src="data:image/gif;base64,xx" data-src="https://x.example/p.jpg">`, "https://x.example/p.jpg"},
		{"tracking pixels", `a<img src="https://x.example/p" width="1" height="1"><img src="https://x.example/q" style="width: 1px"><img src="https://x.example/r" height=0>`, "a"},
		{"relative and data image", `a<img src="/p.jpg"><img src="data:image/png;base64,xx">`, "a"},
		{"smiley", `hi <img class="wp-smiley" alt="🙂" src="https://x.example/s.png">!`, "hi 🙂!"},
		{"linked image", `<a href="https://x.example/"><img src="https://x.example/p.jpg"></a>`, "https://x.example/p.jpg\nhttps://x.example/"},
		{"image linked to itself, larger", `<a href="https://x.example/big.jpg"><img src="https://x.example/small.jpg"></a>`, "https://x.example/small.jpg"},
		{"film", `<video><source src="https://x.example/v.mp4">no support</video>`, "https://x.example/v.mp4\nno support"},
		{"stray end tags", "</p></li></div>a</b>b", "ab"},
		{"wrongly nested", "<b>a<i>b</b>c</i>", "abc"},
		{"unfinished tag", "a<b", "a"},
		{"whole page", "<!doctype html><html><head><title>T</title></head><body><main><p>x</main></body></html>", "x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := text.Plain(test.html); got != test.want {
				t.Errorf("Plain(%q)\n got %q\nwant %q", test.html, got, test.want)
			}
		})
	}
}

// Small documents that make a tree of gigabytes, or overflow the stack, in a parser that builds one.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	for name, html := range map[string]string{
		"deep":         strings.Repeat("<div>", 100_000) + "x",
		"deep quotes":  strings.Repeat("<blockquote>", 100_000) + strings.Repeat("a<br>", 1000),
		"deep lists":   strings.Repeat("<ul><li>", 100_000) + "x",
		"deep tables":  strings.Repeat("<table><tr><td>", 50_000) + "x",
		"formatting":   "<p>" + strings.Repeat("<b>", 500) + strings.Repeat("<p>x", 50_000),
		"stray ends":   strings.Repeat("<i>", 100) + strings.Repeat("</b>", 100_000),
		"attributes":   "<a " + strings.Repeat("x=y ", 100_000) + ">x",
		"angles":       strings.Repeat("<", 100_000),
		"ampersands":   strings.Repeat("&", 100_000),
		"more than 2M": strings.Repeat("é", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			for _, got := range []string{text.Plain(html), text.Markdown(html)} {
				if len(got) > 4<<20 || !utf8.ValidString(got) {
					t.Errorf("%d bytes of HTML give %d of text", len(html), len(got))
				}
			}
			if spent := time.Since(began); spent > 20*time.Second {
				t.Errorf("took %s", spent)
			}
		})
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	html := `<img src="https://x.example/a.jpg"><p><img src="/rel"><img src="https://x.example/a.jpg">
		<img src="https://x.example/t" width=1><img data-src="https://x.example/b.jpg">`
	got := text.Images(html)
	if strings.Join(got, " ") != "https://x.example/a.jpg https://x.example/b.jpg" {
		t.Errorf("Images = %q", got)
	}
	var many strings.Builder
	for i := range 200 {
		many.WriteString(`<img src="https://x.example/` + strings.Repeat("a", i) + `">`)
	}
	if n := len(text.Images(many.String())); n != 100 {
		t.Errorf("%d images, want 100", n)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	const base = "https://blog.example/posts/1"
	tests := []struct{ html, base, want string }{
		{`<A HREF='/a'>x</A>`, base, `<a href="https://blog.example/a">x</A>`},
		{`<img src="b.jpg?x=1&amp;y=2"><br/>`, base, `<img src="https://blog.example/posts/b.jpg?x=1&amp;y=2"><br/>`},
		{`<a href="//other.example/">x</a>`, base, `<a href="https://other.example/">x</a>`},
		{`<a href="https://other.example/">x</a> <!-- c -->&amp;`, base, `<a href="https://other.example/">x</a> <!-- c -->&amp;`},
		{`<a href="mailto:a@b">x</a><a href="%zz">y</a>`, base, `<a href="mailto:a@b">x</a><a href="%zz">y</a>`},
		{`<script>if (a<b) "<a href='/x'>"</script>`, base, `<script>if (a<b) "<a href='/x'>"</script>`},
		{`<h2><a href="#part">Part</a></h2>`, base, `<h2><a href="#part">Part</a></h2>`},
		{`<a href="/a">x</a>`, "", `<a href="/a">x</a>`},
		{`<a href="/a">x</a>`, "javascript:x", `<a href="/a">x</a>`},
	}
	for _, test := range tests {
		if got := text.Resolve(test.html, test.base); got != test.want {
			t.Errorf("Resolve(%q, %q)\n got %q\nwant %q", test.html, test.base, got, test.want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{
		`<p>a <a href="https://x.example/">x</a><ul><li>b<blockquote>c<pre>d`, "<table><tr><td>a<td>b</table>", "a\nb",
		`<a href="javascript:x"><img src="https://x.example/i" class=emoji alt=x></a>`, "<ol start=99999999999><li>", "<br></br><hr>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, html string) {
		got := text.Plain(html)
		if !utf8.ValidString(got) || strings.Contains(got, "\n\n\n") || strings.TrimRight(got, " \n") != got {
			t.Errorf("Plain(%q) = %q", html, got)
		}
		text.Images(html)
		text.Plain(text.Resolve(html, "https://x.example/a/"))
	})
}

func BenchmarkPlain(b *testing.B) {
	html := strings.Repeat(`<p>An <b>ordinary</b> paragraph with <a href="https://x.example/">a link</a> &amp; more.</p>`, 100)
	b.SetBytes(int64(len(html)))
	b.ReportAllocs()
	for b.Loop() {
		text.Plain(html)
	}
}
