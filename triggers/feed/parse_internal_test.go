package feed

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestParseFeed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, feed string
		items      []string // Title, link and key, oldest first.
	}{
		{"rss2.xml", "Bird & Sky|https://birds.example/|en|https://birds.example/logo.png", []string{
			"First|https://birds.example/posts/1|post-1@birds.example",
			"Second flight attempt|https://birds.example/posts/2?utm_source=feed|post-2@birds.example",
		}},
		{"atom.xml", "Vogelkunde|https://atom.example/|de|", []string{
			"Emu|https://atom.example/emu|tag:atom.example,2026:emu",
			"Nandu|https://atom.example/nandu|urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
		}},
		{"feed.json", "JSON birds|https://json.example/||", []string{
			"|https://json.example/1|1@json.example", "Two|https://json.example/2|2@json.example",
		}},
		{"rdf.xml", "RDF birds|https://rdf.example/||", []string{
			"A|https://rdf.example/a|//rdf.example/a", "B|https://rdf.example/b|//rdf.example/b",
		}},
		{"no-guids.xml", "No guids|https://noguid.example||", []string{
			"Query|https://noguid.example/x?id=1|//noguid.example/x?id=1",
			"Https, the same|https://noguid.example/x|//noguid.example/x sha256:",
			"Http|http://www.noguid.example/x/?utm_campaign=y|//noguid.example/x sha256:",
			"No link either||sha256:",
		}},
		{"same-guids.xml", "Same guids|https://same.example/||", []string{
			"A|https://same.example/a|1@same.example",
			"B again|http://same.example/b/|0@same.example //same.example/b",
			"C|https://same.example/c|0@same.example //same.example/c",
		}},
		{"invalid-utf8.xml", "Bad \u00ff bytes|https://utf.example||", []string{
			"caf\u00e9 here|https://utf.example/1|//utf.example/1",
		}},
		{"hostile.xml", "Nice|||", []string{
			"Password|https://host.example/y|y@host.example", "Title||x@feeds.example",
		}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			doc, err := parse(t.Context(), read(t, tt.file), "https://feeds.example/feed.xml", "")
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join([]string{doc.info.Title, doc.info.Link, doc.info.Language, doc.info.Image}, "|"); got != tt.feed {
				t.Errorf("the feed is %q, want %q", got, tt.feed)
			}
			items, ids := identify(doc)
			var got []string
			for i, item := range items {
				key, _, hashed := strings.Cut(ids[i].key, "sha256:")
				if hashed {
					key += "sha256:"
				}
				got = append(got, fmt.Sprintf("%s|%s|%s", item.Title, item.Link, key))
			}
			if !slices.Equal(got, tt.items) {
				t.Errorf("the items are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.items, "\n"))
			}
		})
	}
}

func TestParseItem(t *testing.T) {
	t.Parallel()
	doc, err := parse(t.Context(), read(t, "rss2.xml"), "https://feeds.example/feed.xml", "")
	if err != nil {
		t.Fatal(err)
	}
	item := doc.items[1]
	if item.Author != "Ada" || !slices.Equal(item.Categories, []string{"birds", "flight"}) || item.Published == nil ||
		item.Updated != nil || item.Image != "https://birds.example/2.jpg" || item.Summary != "Short words" {
		t.Errorf("the item is %+v", item)
	}
	want := []Enclosure{
		{"https://birds.example/audio/2.mp3", "audio/mpeg", 1234}, {"https://birds.example/2.jpg", "image/jpeg", 0},
	}
	if !slices.Equal(item.Enclosures, want) {
		t.Errorf("the enclosures are %+v", item.Enclosures)
	}
	if !strings.Contains(item.Text(), "Long") || strings.Contains(item.Text(), "<p>") || doc.items[0].Text() != "Only words" {
		t.Errorf("the texts are %q and %q", item.Text(), doc.items[0].Text())
	}
	if !strings.Contains(item.Markdown(), "https://birds.example/more") {
		t.Errorf("the markdown is %q, want an absolute link", item.Markdown())
	}
	doc.info.URL = "https://feeds.example/feed.xml"
	if id, protocol := (&Data{Item: &Item{GUID: "https://x.example/a b"}, Feed: doc.info}).Proxy(); id != "https://feeds.example/feed.xml#https%3A%2F%2Fx.example%2Fa%20b" || protocol != "rss" {
		t.Errorf("the proxy is %q, %q", id, protocol)
	}
}

func TestParseFeedRefuses(t *testing.T) {
	t.Parallel()
	deep := "<rss version='2.0' xmlns:x='urn:x'><channel><item>" + strings.Repeat("<x:a>", 1_000_000)
	for name, tt := range map[string]struct{ body, says string }{
		"broken":         {string(read(t, "broken.xml")), "unreadable feed"},
		"page":           {string(read(t, "page.html")), "a web page"},
		"empty":          {"", "neither RSS nor Atom"},
		"text":           {"hello", "neither RSS nor Atom"},
		"deep":           {deep, "deep"},
		"bomb":           {`<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>`, ""},
		"markup in JSON": {`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","content_html":"` + strings.Repeat("<p>", 1000) + `"}]}`, ""},
		"numbers":        {`{"version":"https://jsonfeed.org/version/1","items":[{"id":7},null,[]]}`, ""},
	} {
		if doc, err := parse(t.Context(), []byte(tt.body), "https://feeds.example/", ""); err == nil && tt.says != "" {
			t.Errorf("%s is accepted: %+v", name, doc)
		} else if err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q does not say %q", name, err, tt.says)
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const feed = `<rss version="2.0"><channel><title>%s</title></channel></rss>`
	wide := func(s string) string {
		b, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, tt := range map[string]struct{ header, prolog, word, want string }{
		"none":                         {"", "", "caf\u00e9", "caf\u00e9"},
		"utf-8":                        {"", `<?xml version="1.0" encoding="utf-8"?>`, "caf\u00e9", "caf\u00e9"},
		"latin":                        {"", `<?xml version="1.0" encoding="ISO-8859-1"?>`, "caf\xe9", "caf\u00e9"},
		"windows":                      {"", `<?xml version='1.0' encoding='windows-1252'?>`, "\x93caf\xe9\x94", "\u201ccaf\u00e9\u201d"},
		"utf-8, says not":              {"", `<?xml version="1.0" encoding="ISO-8859-1"?>`, "caf\u00e9", "caf\u00e9"},
		"not utf-8, says so":           {"", `<?xml version="1.0" encoding="UTF-8"?>`, "caf\xe9", "caf\u00e9"},
		"utf-8 with damage":            {"", `<?xml version="1.0" encoding="UTF-8"?>`, "caf\u00e9 caf\xe9", "caf\u00e9 caf\ufffd"},
		"unknown encoding":             {"", `<?xml version="1.0" encoding="klingon"?>`, "caf\xe9", "caf\u00e9"},
		"mark":                         {"", "\ufeff" + `<?xml version="1.0"?>`, "caf\u00e9", "caf\u00e9"},
		"mark before header":           {"text/xml; charset=iso-8859-1", "\ufeff", "caf\u00e9", "caf\u00e9"},
		"space before all":             {"", "\n  " + `<?xml version="1.0"?>`, "caf\u00e9", "caf\u00e9"},
		"words before all":             {"", "Warning: deprecated\n" + `<?xml version="1.0"?>`, "caf\u00e9", "caf\u00e9"},
		"header":                       {"text/xml; charset=koi8-r", "", "\xf7\xcf\xd4", "\u0412\u043e\u0442"},
		"header before prolog":         {"text/xml; charset=koi8-r", `<?xml version="1.0" encoding="windows-1251"?>`, "\xf7\xcf\xd4", "\u0412\u043e\u0442"},
		"header says utf-8, is not":    {"text/xml; charset=utf-8", `<?xml version="1.0" encoding="windows-1251"?>`, "\xc2\xee\xf2", "\u0412\u043e\u0442"},
		"header says latin, is utf-8":  {"text/xml; charset=iso-8859-1", `<?xml version="1.0" encoding="utf-8"?>`, "caf\u00e9", "caf\u00e9"},
		"shift-jis":                    {"", `<?xml version="1.0" encoding="Shift_JIS"?>`, "\x93\xfa\x96\x7b", "\u65e5\u672c"},
		"a header that is none":        {";;;", "", "caf\u00e9", "caf\u00e9"},
		"a character that XML forbids": {"", "", "ca\x0bf\u00e9&#0;&#x1F;&#31;\uffff", "caf\u00e9"},
		"other references":             {"", "", "&#233;&#x1F600;&nbsp;&amp;&unknown; R&D &#; &", "\u00e9\U0001F600 &&unknown; R&D &#; &"},
	} {
		doc, err := parse(t.Context(), []byte(tt.prolog+fmt.Sprintf(feed, tt.word)), "https://feeds.example/", tt.header)
		if err != nil || doc.info.Title != tt.want {
			t.Errorf("%s: %+v, %v, want %q", name, doc, err, tt.want)
			if doc != nil {
				t.Errorf("it is %q", doc.info.Title)
			}
		}
	}
	for name, mark := range map[string]string{"with": "\xff\xfe", "without": ""} {
		body := mark + wide(`<?xml version="1.0" encoding="UTF-16"?>`+fmt.Sprintf(feed, "caf\u00e9"))
		if doc, err := parse(t.Context(), []byte(body), "https://feeds.example/", ""); err != nil || doc.info.Title != "caf\u00e9" {
			t.Errorf("UTF-16 %s a mark: %+v, %v", name, doc, err)
		}
	}
}

// A document that ends in the middle gives its complete items, and never a part of one.
func TestTruncatedFeed(t *testing.T) {
	t.Parallel()
	for form, body := range map[string]string{
		"RSS":  `<rss version="2.0"><channel><title>x</title><item><guid>1</guid><title>One</title></item><item><guid>2</guid><title>Two and more</title></item></channel></rss>`,
		"Atom": `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>urn:1</id><title>One</title></entry><entry><id>urn:2</id><title>Two and more</title></entry></feed>`,
		"RDF":  `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>x</title></channel><item><title>One</title></item><item><title>Two and more</title></item></rdf:RDF>`,
	} {
		for cut := range len(body) {
			doc, err := parse(t.Context(), []byte(body[:cut]), "https://feeds.example/", "")
			if err != nil {
				continue
			}
			for _, item := range doc.items {
				if item.Title != "One" && item.Title != "Two and more" {
					t.Fatalf("%s cut at %d: an item is %q", form, cut, item.Title)
				}
			}
			if cut > strings.Index(body, "Two") && len(doc.items) == 0 {
				t.Fatalf("%s cut at %d: no items", form, cut)
			}
		}
		if doc, err := parse(t.Context(), []byte(body[:strings.Index(body, " and more")]), "https://feeds.example/", ""); err != nil || len(doc.items) != 1 {
			t.Errorf("%s: %+v, %v, want the complete item", form, doc, err)
		}
	}
}

func TestPageNamesItsFeed(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		`<!doctype html><link rel="feed" href="/feed.xml">` + strings.Repeat("<p>A page of many parts<br>", 1000):                       "its feed is https://site.example/feed.xml",
		`<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed.xml">`:                                             "its feed is https://site.example/feed.xml",
		`<html><head><base href="https://cdn.example/a/"><LINK REL="feed" HREF="b">`:                                                    "its feed is https://cdn.example/a/b",
		`<html><link rel=alternate type="application/atom+xml" href=1><link rel=alternate type="application/feed+json" href=2>`:         "https://site.example/blog/1 or https://site.example/blog/2",
		`<html><link rel="alternate" type="text/html" href="/de"><link rel="alternate" type="application/rss+xml" href="javascript:x">`: "look there for a link",
	} {
		if _, err := parse(t.Context(), []byte(page), "https://site.example/blog/", "text/html"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", page, err, want)
		}
	}
}

func TestCanonicalLink(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"http://WWW.Example.com/a/":                   "//example.com/a",
		"https://example.com/a?utm_source=x&b=1":      "//example.com/a?b=1",
		"https://example.com:443/a":                   "//example.com/a",
		"https://example.com:8443/a":                  "//example.com:8443/a",
		"https://example.com/a#part":                  "//example.com/a#part",
		"https://example.com/A?UTM_medium=y":          "//example.com/A",
		"tag:example.com,2026:x":                      "tag:example.com,2026:x",
		"https://user:secret@example.com/a?b&b=2&&c=": "//example.com/a?b&b=2&c=",
	} {
		if got := canonicalLink(in); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

func FuzzParseFeed(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		f.Add(read(f, filepath.Base(name)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := parse(t.Context(), body, "https://feeds.example/feed.xml", "")
		if err != nil {
			return
		}
		items, ids := identify(doc)
		known := make(map[string]bool)
		for i, id := range ids {
			if id.key == "" || known[id.key] {
				t.Fatalf("key %q is empty or not unique", id.key)
			}
			known[id.key] = true
			if l := items[i].Link; l != "" && !isWeb(l) {
				t.Fatalf("link %q", l)
			}
		}
	})
}

func BenchmarkParseFeed(b *testing.B) {
	body := read(b, "rss2.xml")
	for b.Loop() {
		doc, err := parse(b.Context(), body, "https://feeds.example/feed.xml", "")
		if err != nil {
			b.Fatal(err)
		}
		identify(doc)
	}
}
