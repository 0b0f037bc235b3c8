package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"rhea/engine/text"
)

func TestTruncate(t *testing.T) {
	t.Parallel()
	const family, flag, thumb = "👨‍👩‍👧", "🇩🇪", "👍🏽"
	tests := []struct {
		name, s string
		n       int
		want    string
	}{
		{"short enough", "hello", 5, "hello"},
		{"whole words", "hello wonderful world", 17, "hello wonderful…"},
		{"a word that ends exactly there", "hello world again", 12, "hello world…"},
		{"one long word", "extraordinarily", 6, "extra…"},
		{"punctuation before the end", "hello, world", 8, "hello…"},
		{"nothing", "hello", 0, ""},
		{"less than nothing", "hello", -1, ""},
		{"only the mark", "hello", 1, "…"},
		{"empty", "", 3, ""},
		{"combining marks", "e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301…"},
		{"combining marks fit", "e\u0301e\u0301", 2, "e\u0301e\u0301"},
		{"joined emoji", strings.Repeat(family, 4), 3, family + family + "…"},
		{"flags", strings.Repeat(flag, 4), 3, flag + flag + "…"},
		{"skin tones", strings.Repeat(thumb, 3), 2, thumb + "…"},
		{"keycaps", "1️⃣2️⃣3️⃣", 2, "1️⃣…"},
		{"Hangul letters", "\u1112\u1161\u11ab\u1100\u1173\u11af\u1100\u1173", 2, "\u1112\u1161\u11ab…"},
		{"a joiner behind a letter joins no emoji", "a\u200d😀", 1, "…"},
		{"a sign before a number belongs to it", "\u0600\u0661\u0600\u0661\u0600\u0661", 2, "\u0600\u0661…"},
		{"Devanagari vowel signs", "कि कि कि", 4, "कि कि…"},
		{"Chinese", "今天天气很好我们去公园", 5, "今天天气…"},
		{"line ends", "a\r\nb\r\nc", 4, "a\r\nb…"},
		{"an address is dropped whole", "see https://x.example/long/path now", 15, "see…"},
		{"an address that fits", "see https://x.example/ now and then", 26, "see https://x.example/…"},
		{"an address keeps its end", "see https://x.example/a- now", 26, "see https://x.example/a-…"},
		{"only an address", "https://x.example/long/path", 10, "…"},
		{"an address after Chinese", "今天https://x.example/long", 8, "今天…"},
		{"a reference is dropped whole", "hi nostr:npub1qqqqqqqqqqqqqqq there", 14, "hi…"},
	}
	for _, test := range tests {
		if got := text.Truncate(test.s, test.n); got != test.want {
			t.Errorf("%s: Truncate(%q, %d) = %q, want %q", test.name, test.s, test.n, got, test.want)
		}
	}
}

func TestHashtags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		s    string
		want []string
	}{
		{"", nil},
		{"#Nostr and #golang, #nostr again", []string{"nostr", "golang"}},
		{"#Ünïcode #日本 #go_lang #web3", []string{"ünïcode", "日本", "go_lang", "web3"}},
		{"#1 #2026 #_ #[0] #", nil},
		{"a#b C# x&#39; ##c", []string{}},
		{"https://x.example/#anchor https://x.example/a#b (#real)", []string{"real"}},
		{"#foo-bar #a#b", []string{"foo", "a"}},
		{"#e\u0301te\u0301 #\u00e9t\u00e9", []string{"\u00e9t\u00e9"}},
		{"\n#line\n#end", []string{"line", "end"}},
	}
	for _, test := range tests {
		if got := text.Hashtags(test.s); !slices.Equal(got, test.want) {
			t.Errorf("Hashtags(%q) = %q, want %q", test.s, got, test.want)
		}
	}
	for s, want := range map[string]string{
		"Machine Learning": "machinelearning", "#Nostr": "nostr", "C++": "c", "go_lang": "go_lang", "Köln": "köln", "2026": "2026",
		"rock 'n' roll": "rocknroll", " - ": "", "": "", "日本 語": "日本語", "\xff": "", "#a#b": "ab",
	} {
		if got := text.Hashtag(s); got != want {
			t.Errorf("Hashtag(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		s    string
		want []string
	}{
		{"", nil},
		{"no links, http:// nor https://", nil},
		{"See https://x.example/a, (http://y.example) and https://x.example/a.", []string{"https://x.example/a", "http://y.example"}},
		{"https://en.example/wiki/Go_(game) (https://en.example/wiki/Go_(game)).", []string{"https://en.example/wiki/Go_(game)"}},
		{`<a href="https://x.example/?a=1&b=2">`, []string{"https://x.example/?a=1&b=2"}},
		{"HTTPS://X.example/ ftp://z.example xhttps://y.example", []string{"HTTPS://X.example/"}},
		{"**https://x.example/**", []string{"https://x.example/"}},
	}
	for _, test := range tests {
		if got := text.Links(test.s); !slices.Equal(got, test.want) {
			t.Errorf("Links(%q) = %q, want %q", test.s, got, test.want)
		}
	}
}

// TestLongAddress: an address of four megabytes of brackets is done with at once. It took half an hour when each bracket
// counted all others.
func TestLongAddress(t *testing.T) {
	t.Parallel()
	for _, tail := range []string{")", ".)", "])}", "(", "})("} {
		s := "http://a.example/" + strings.Repeat(tail, 4<<20/len(tail))
		if got := text.Links(s); len(got) != 1 || !strings.HasPrefix(got[0], "http://a.example/") {
			t.Errorf("%q: %d links", tail, len(got))
		}
		text.Sanitize(s)
	}
}

func TestSanitize(t *testing.T) {
	t.Parallel()
	const j = "\u2060"
	tests := []struct{ name, s, want string }{
		{"ordinary words", "Hello, world! 1 < 2\n\ttab", "Hello, world! 1 < 2\n\ttab"},
		{"reference", "hi nostr:npub1abc!", "hi nostr:n" + j + "pub1abc!"},
		{"bare references", "note1q nevent1q naddr1q NPROFILE1Q", "n" + j + "ote1q n" + j + "event1q n" + j + "addr1q N" + j + "PROFILE1Q"},
		{"mention", "@jack and a@b.example", "@" + j + "jack and a@b.example"},
		{"hashtag", "#bitcoin #[0] # 1", "#" + j + "bitcoin #" + j + "[0] # 1"},
		{"invoice", "pay lnbc10u1pxyz or lightning:LNURL1abc", "pay l" + j + "nbc10u1pxyz or lightning:L" + j + "NURL1abc"},
		{"ecash", "cashuAeyJ0b2", "c" + j + "ashuAeyJ0b2"},
		{"addresses stay whole", "https://x.example/@a/#b?npub1abc", "https://x.example/@a/#b?npub1abc"},
		{"secret key", "my nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5 ok", "my [redacted] ok"},
		{"encrypted key", "ncryptsec1qgg9947rlpvqu76pj5ecreduf9", "[redacted]"},
		{"secret key in an address", "https://x.example/nsec1vl029mgpspedva04g90vlt", "https://x.example/[redacted]"},
		{"connection", "nostr+walletconnect://ab?secret=c bunker://ab?secret=c", "[redacted] [redacted]"},
		{"hidden by control characters", "np\x00ub1a \u202e#x", "n" + j + "pub1a #" + j + "x"},
		{"invalid UTF-8", "a\xffb", "a\uFFFDb"},
	}
	for _, test := range tests {
		if got := text.Sanitize(test.s); got != test.want {
			t.Errorf("%s: Sanitize(%q)\n got %q\nwant %q", test.name, test.s, got, test.want)
		}
		if again := text.Sanitize(test.want); again != test.want {
			t.Errorf("%s: a second Sanitize changes %q to %q", test.name, test.want, again)
		}
	}
}

func FuzzTruncate(f *testing.F) {
	f.Add("hello wonderful world", 10)
	f.Add("👨‍👩‍👧🇩🇪🇩 e\u0301 https://x.example/a", 3)
	f.Add("\xff\xfe#a", 2)
	f.Fuzz(func(t *testing.T, s string, n int) {
		got := text.Truncate(s, n)
		if got == s {
			return
		}
		kept, marked := strings.CutSuffix(got, "…")
		if !strings.HasPrefix(s, kept) || n > 0 && !marked || n <= 0 && got != "" {
			t.Errorf("Truncate(%q, %d) = %q", s, n, got)
		}
		if n > 0 && text.Truncate(got, n) != got {
			t.Errorf("Truncate(%q, %d) = %q is longer than allowed", s, n, got)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("Truncate(%q, %d) = %q cuts a character", s, n, got)
		}
	})
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{"hi nostr:npub1abc #x @y lnbc1x https://x.example/#a", "nsec1vl029mgpspedva04g90vlt", "#\u2060#a", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := text.Sanitize(s)
		if !utf8.ValidString(got) {
			t.Errorf("Sanitize(%q) = %q is not UTF-8", s, got)
		}
		if tags := text.Hashtags(got); len(tags) > 0 {
			t.Errorf("Sanitize(%q) = %q still has the hashtags %q", s, got, tags)
		}
		if again := text.Sanitize(got); again != got {
			t.Errorf("Sanitize(%q) = %q, and again %q", s, got, again)
		}
		text.Links(s)
	})
}

func BenchmarkSanitize(b *testing.B) {
	s := strings.Repeat("An ordinary note with a #hashtag, a https://x.example/link and @someone. ", 6)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		text.Sanitize(s)
	}
}

func BenchmarkTruncate(b *testing.B) {
	s := strings.Repeat("An ordinary note of words. ", 40)
	b.ReportAllocs()
	for b.Loop() {
		text.Truncate(s, 280)
	}
}
