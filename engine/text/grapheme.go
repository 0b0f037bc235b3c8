package text

import (
	"unicode"
	"unicode/utf8"
)

const zeroWidthJoiner = '\u200d'

// nextCluster returns the length in bytes of the first user-perceived character of s: the rules of UAX #29 that
// matter in notes, namely marks, joined emoji, skin tones, flags, tag sequences, Hangul syllables and line ends.
func nextCluster(s string) int {
	first, size := utf8.DecodeRuneInString(s)
	if first == '\r' && size < len(s) && s[size] == '\n' {
		return size + 1
	}
	if unicode.IsControl(first) {
		return size
	}
	flag := isRegional(first)
	for before := first; size < len(s); {
		r, n := utf8.DecodeRuneInString(s[size:])
		switch {
		case extends(r):
		case before == zeroWidthJoiner && isPictograph(r):
		case flag && isRegional(r):
			flag = false
		case joinsHangul(before, r):
		default:
			return size
		}
		before = r
		size += n
	}
	return size
}

func extends(r rune) bool {
	return r == zeroWidthJoiner || r == '\u200c' || unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) ||
		0x1f3fb <= r && r <= 0x1f3ff || 0xe0020 <= r && r <= 0xe007f
}

func isRegional(r rune) bool { return 0x1f1e6 <= r && r <= 0x1f1ff }

func isPictograph(r rune) bool {
	return unicode.Is(unicode.So, r) || 0x1f000 <= r && r <= 0x1faff || 0x2190 <= r && r <= 0x2bff
}

// joinsHangul reports whether two letters of Hangul belong to one syllable.
func joinsHangul(before, r rune) bool {
	leading := 0x1100 <= before && before <= 0x115f
	vowel := 0x1160 <= before && before <= 0x11a7
	trailing := 0x11a8 <= before && before <= 0x11ff
	syllable := 0xac00 <= before && before <= 0xd7a3
	open := syllable && (before-0xac00)%28 == 0
	switch {
	case 0x1100 <= r && r <= 0x115f, 0xac00 <= r && r <= 0xd7a3:
		return leading
	case 0x1160 <= r && r <= 0x11a7:
		return leading || vowel || open
	case 0x11a8 <= r && r <= 0x11ff:
		return vowel || trailing || syllable
	}
	return false
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
