package triggers

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestHostileFeeds holds what an attacker writes into a feed against bounds of time and memory.
func TestHostileFeeds(t *testing.T) {
	rss := func(inner string) string {
		return `<rss version="2.0"><channel><title>x</title><item><guid>1</guid>` + inner + `</item></channel></rss>`
	}
	var laughs strings.Builder
	laughs.WriteString(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">`)
	for i := range 12 {
		fmt.Fprintf(&laughs, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	laughs.WriteString(`]>` + rss("<title>&l12;</title>"))
	for name, tt := range map[string]struct {
		body string
		// says is the error; check looks at the only item.
		says  string
		check func(*Item) bool
	}{
		"an entity bomb": {laughs.String(), "", func(i *Item) bool { return len(i.Title) < 100 }},
		"a quadratic entity": {
			`<!DOCTYPE rss [<!ENTITY a "` + strings.Repeat("a", 100_000) + `">]>` + rss("<title>"+strings.Repeat("&a;", 10_000)+"</title>"), "",
			func(i *Item) bool { return len(i.Title) < 100_000 },
		},
		"an external entity": {
			`<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + rss("<title>&x;</title>"), "",
			func(i *Item) bool { return !strings.Contains(i.Title, "root:") },
		},
		"deep elements": {rss(strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000)), "deep", nil},
		"deep HTML": {
			rss("<description><![CDATA[" + strings.Repeat("<blockquote><ul><li>", 100_000) + "end]]></description>"), "",
			func(i *Item) bool { return strings.Contains(i.Text(), "end") && len(i.Markdown()) < 1<<20 },
		},
		"deep JSON": {`{"version":"https://jsonfeed.org/version/1","items":` + strings.Repeat("[", 1_000_000), "unreadable feed", nil},
		"many attributes": {
			`<rss version="2.0" ` + strings.Repeat(`a="b" `, 200_000) + `><channel><item><title>t</title></item></channel></rss>`,
			"not a feed", nil,
		},
		"links that are programs": {
			rss(`<title>t</title><link>javascript:alert(1)</link><description><![CDATA[<a href="javascript:x">w</a><img src="data:image/png;base64,AA"><script>x()</script>]]></description><enclosure url="file:///etc/passwd" type="image/png"/>`),
			"", func(i *Item) bool {
				return i.Link == "" && i.Image == "" && len(i.Enclosures) == 0 && i.Text() == "w" && i.Markdown() == "w"
			},
		},
		"a template in the title": {
			rss("<title>${{ env('HOME') }} $${{ 1 }} ${HOME}</title>"), "",
			func(i *Item) bool { return i.Title == "${{ env('HOME') }} $${{ 1 }} ${HOME}" },
		},
		"a comment that never ends": {`<rss version="2.0"><!--` + strings.Repeat("-", 5<<20), "", nil},
		"names without end": {
			`<rss version="2.0"><channel><item><` + strings.Repeat("a", 5<<20) + `>`, "", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			doc, err := parseFeed([]byte(tt.body), "https://feeds.example/", "")
			if err == nil {
				for _, i := range doc.items {
					_, _ = i.Text(), i.Markdown()
				}
			}
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; took > 20*time.Second || used > 512<<20 {
				t.Errorf("took %s and %d MiB", took, used>>20)
			}
			switch {
			case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("the error is %v, want %q", err, tt.says)
			case tt.check != nil && (err != nil || len(doc.items) != 1 || !tt.check(doc.items[0])):
				t.Errorf("%+v, %v", doc, err)
			}
		})
	}
}

// BenchmarkFeed compares what a look costs when the feed has changed, and when it has not.
func BenchmarkFeed(b *testing.B) {
	var body strings.Builder
	body.WriteString(`<rss version="2.0"><channel><title>x</title>`)
	for i := 0; body.Len() < 100<<10; i++ {
		fmt.Fprintf(&body, `<item><guid>%d</guid><title>Post %d</title><link>https://site.example/%d</link><description><![CDATA[<p>%s</p>]]></description></item>`,
			i, i, i, strings.Repeat("Some <b>words</b> of a post. ", 60))
	}
	body.WriteString(`</channel></rss>`)
	raw := []byte(body.String())
	b.Run("baseline parsing it", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		b.ReportAllocs()
		for b.Loop() {
			doc, err := parseFeed(raw, "https://site.example/feed.xml", "")
			if err != nil {
				b.Fatal(err)
			}
			identify(doc)
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		b.ReportAllocs()
		known := hashOf(raw)
		for b.Loop() {
			if hashOf(raw) != known {
				b.Fatal("changed")
			}
		}
	})
}
