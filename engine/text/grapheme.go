package text

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// nextCluster returns the length in bytes of the first user-perceived character of s (UAX #29).
func nextCluster(s string) int {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return len(cluster)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
