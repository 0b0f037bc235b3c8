package feed

import (
	"context"
	"errors"
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
		"a name that is too long": {
			rss("<title>t</title><author>x" + strings.Repeat("ä", 10_000) + "</author>"), "",
			func(i *Item) bool { return i.Author == "x"+strings.Repeat("ä", (longestName-1)/2) },
		},
		"a comment that never ends": {`<rss version="2.0"><!--` + strings.Repeat("-", 5<<20), "", nil},
		"names without end": {
			`<rss version="2.0"><channel><item><` + strings.Repeat("a", 5<<20) + `>`, "", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			doc, err := parse(t.Context(), []byte(tt.body), "https://feeds.example/", "")
			if err == nil {
				for _, i := range doc.items {
					_, _ = i.Text(), i.Markdown()
				}
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 512<<20 {
				t.Errorf("took %d MiB", used>>20)
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

// TestFeedsMadeToBeSlow reads documents that are long in one thing. Whatever grows with the square of it would take hours.
func TestFeedsMadeToBeSlow(t *testing.T) {
	t.Parallel()
	const size = 2 << 20
	many := func(form string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			if strings.Contains(form, "%d") {
				fmt.Fprintf(&b, form, i)
			} else {
				b.WriteString(form)
			}
		}
		return b.String()
	}
	rss := func(inner string) string {
		return `<rss version="2.0"><channel><item><guid>1</guid>` + inner + `</item></channel></rss>`
	}
	html := func(inner string) string { return rss("<description><![CDATA[" + inner + "]]></description>") }
	json := func(inner string) string {
		return `{"version":"https://jsonfeed.org/version/1.1","items":[` + inner + `]}`
	}
	atom := func(inner string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://x.example/"><entry><id>1</id>` + inner + `</entry></feed>`
	}
	var bold strings.Builder
	for i := range 400 {
		fmt.Fprintf(&bold, "<b id=%d>", i)
	}
	const read = "" // All of it is read.
	for name, tt := range map[string]struct{ body, says string }{
		"categories":                         {rss(many("<category>c%d</category>")), read},
		"JSON tags":                          {json(`{"id":"1","tags":[` + many(`"tag number %d",`) + `""]}`), read},
		"files":                              {rss(many(`<enclosure url="https://x.example/%d" type="image/png"/>`)), read},
		"JSON files":                         {json(`{"id":"1","attachments":[` + many(`{"url":"https://x.example/%d"},`) + `{}]}`), read},
		"authors":                            {json(`{"id":"1","authors":[` + many(`{"name":"somebody %d"},`) + `{}]}`), read},
		"one author":                         {rss("<author>" + many("(") + "</author>"), read},
		"keywords":                           {`<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><item><itunes:keywords>` + many("k%d,") + `</itunes:keywords></item></channel></rss>`, read},
		"items":                              {rss("</item>" + many("<item><title>%d</title></item>") + "<item>"), read},
		"items of one name":                  {rss("</item>" + many("<item><guid>1</guid><title>%d</title></item>") + "<item>"), read},
		"tags that are never closed":         {"<x>" + many("<a") + "/>", "deep"},
		"roots that are never closed":        {many("<rss ") + "/>", "deep"},
		"roots within roots":                 {"<x>" + many("<rss <x/>"), "deep"},
		"CDATA in CDATA":                     {rss(many("<![CDATA[")), "unreadable"},
		"comments":                           {rss(many("<!---->")), read},
		"elements":                           {rss(many("<a/>")), "more than 500000 elements"},
		"attributes":                         {rss("<a " + many(`a=""`) + "/>"), "more than 500000 attributes"},
		"JSON objects":                       {json(many("{},") + "{}"), "more than 500000 values"},
		"JSON numbers":                       {json(many("0,") + "0"), "more than 500000 values"},
		"a JSON number":                      {json(`{"id":` + many("9") + `}`), read},
		"JSON in JSON":                       {json(many("[")), "more than 500000 values"},
		"bold in bold":                       {html(many("<b id=%d>")), read},
		"paragraphs within bold":             {html(strings.Repeat("<b>", 400) + many("<p>x")), read},
		"Atom paragraphs within bold":        {atom(`<content type="html"><![CDATA[` + bold.String() + many("<p>x") + `]]></content>`), read},
		"fewer of them":                      {atom(`<content type="html"><![CDATA[` + bold.String() + many("<p>x")[:900_000] + `]]></content>`), "leaves 400 elements open"},
		"Atom of no type":                    {atom(`<content type="&#104;tml"><![CDATA[` + bold.String() + many("<p>x") + `]]></content>`), "a type with a reference"},
		"Atom ends":                          {atom(`<content type="xhtml"><![CDATA[` + many("x</q>") + `]]></content>`), read},
		"ends of what never began":           {html(many("x</q>")), read},
		"a prolog that never ends":           {"<?xml " + many(" encoding"), "not a feed"},
		"references that never end":          {rss("<title>" + many("&#") + "</title>"), read},
		"forbidden characters":               {rss("<title>" + many("a\x01") + "</title>"), read},
		"bytes of no encoding":               {rss("<title>" + many("\xff\xfe") + "</title>"), read},
		"UTF-16":                             {"\xff\xfe" + many("<\x00a\x00"), "deep"},
		"a feed that begins again and again": {"<html>" + many("<rss>"+strings.Repeat(" ", 5000)+"</rss>"), "web page"},
		"links that go up":                   {rss("<link>https://x.example/" + many("../") + "</link>"), read},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			done := make(chan error, 1)
			go func() {
				doc, err := parse(ctx, []byte(tt.body), "https://feeds.example/", "")
				if err == nil {
					items, _ := identify(doc)
					fingerprintsOf(doc, items)
				}
				done <- err
			}()
			select {
			case err := <-done:
				if tt.says == read && err != nil || tt.says != read && (err == nil || !strings.Contains(err.Error(), tt.says)) {
					t.Errorf("the error is %v, want %q", err, tt.says)
				}
			case <-ctx.Done():
				t.Fatal("it is not read in a minute")
			}
		})
	}
}

// A document that takes too long is given up, and so is one that is read when the bot stops; neither goes on for long.
func TestReadingIsGivenUp(t *testing.T) {
	t.Parallel()
	var body strings.Builder // Each comment makes the text of the element be copied.
	body.WriteString(`<rss version="2.0"><channel><item><x:a>`)
	for body.Len() < 10<<20 {
		body.WriteString("t<!---->")
	}
	r := newReading()
	if _, err := r.feed(t.Context(), "slow", []byte(body.String()), "https://feeds.example/", ""); !errors.Is(err, errSlow) {
		t.Errorf("the error is %v, want %v", err, errSlow)
	}
	ctx, cancel := context.WithCancel(t.Context())
	begun, end := make(chan struct{}), make(chan struct{})
	go func() { <-begun; cancel() }()
	stuck := func(context.Context) (int, error) { close(begun); <-end; return 0, nil }
	if _, err := inTime(ctx, r, "stuck", stuck); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want %v", err, context.Canceled)
	}
	if len(r.places) > 0 {
		t.Error("what was given up keeps its place")
	}
	close(end)
	for range goingOnAtOnce { // All of it ends.
		r.goingOn <- struct{}{}
	}
	if _, err := r.feed(t.Context(), "slow", []byte("{}"), "https://feeds.example/", ""); !errors.Is(err, errStillRead) {
		t.Errorf("the error is %v, want %v", err, errStillRead)
	}
}

// TestOneFeedLeavesPlaces has a feed that never ends. It is not read again while it is, and the others are read.
func TestOneFeedLeavesPlaces(t *testing.T) {
	t.Parallel()
	r := newReading()
	end := make(chan struct{})
	for i := range 2 * goingOnAtOnce {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := inTime(ctx, r, "endless", func(context.Context) (int, error) { cancel(); <-end; return 0, nil })
		cancel()
		if want := []error{context.Canceled, errStillRead}[min(i, 1)]; !errors.Is(err, want) {
			t.Fatalf("reading %d: %v, want %v", i, err, want)
		}
	}
	well := func(context.Context) (int, error) { return 1, nil }
	if _, err := inTime(t.Context(), r, "another", well); err != nil {
		t.Errorf("another feed: %v", err)
	}
	close(end)
	for range goingOnAtOnce { // All of it ends.
		r.goingOn <- struct{}{}
	}
	for range goingOnAtOnce {
		<-r.goingOn
	}
	if _, err := inTime(t.Context(), r, "endless", well); err != nil {
		t.Errorf("the feed once it has ended: %v", err)
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
			doc, err := parse(b.Context(), raw, "https://site.example/feed.xml", "")
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
