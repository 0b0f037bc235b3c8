package actions

import "unicode"

const (
	zeroWidthJoiner = '\u200d'
	emojiVariation  = '\ufe0f'
	keycap          = '\u20e3'
	// maxEmojiRunes is longer than the longest emoji of Unicode, a family with skin tones.
	maxEmojiRunes = 16
)

// isOneEmoji reports whether s shows as a single emoji: one symbol with its modifiers, symbols tied by joiners, a
// flag, or a keycap. It goes by the form of the sequence, so emoji of later Unicode versions pass as well.
func isOneEmoji(s string) bool {
	runes := []rune(s)
	if len(runes) == 0 || len(runes) > maxEmojiRunes {
		return false
	}
	if isRegional(runes[0]) {
		return len(runes) == 2 && isRegional(runes[1])
	}
	if last := len(runes) - 1; runes[last] == keycap {
		return (last == 1 || last == 2 && runes[1] == emojiVariation) && isKeycapBase(runes[0])
	}
	wantSymbol := true
	for _, r := range runes {
		switch {
		case wantSymbol:
			if !isSymbol(r) {
				return false
			}
			wantSymbol = false
		case r == zeroWidthJoiner:
			wantSymbol = true
		case !isModifier(r):
			return false
		}
	}
	return !wantSymbol
}

// isSymbol accepts what Unicode calls other symbols, where nearly all emoji are, and the few that are elsewhere.
func isSymbol(r rune) bool {
	if isModifier(r) || isRegional(r) {
		return false
	}
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sm, r) && r > 0xff || r == '‼' || r == '⁉' || r == '〰' || r == '〽' ||
		0x1f300 <= r && r <= 0x1faff
}

// isModifier accepts skin tones, variation selectors and the tags of regional flags.
func isModifier(r rune) bool {
	return r == emojiVariation || r == '\ufe0e' || 0x1f3fb <= r && r <= 0x1f3ff || 0xe0020 <= r && r <= 0xe007f
}

func isRegional(r rune) bool { return 0x1f1e6 <= r && r <= 0x1f1ff }

func isKeycapBase(r rune) bool { return '0' <= r && r <= '9' || r == '#' || r == '*' }
