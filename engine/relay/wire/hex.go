package wire

import (
	"encoding/binary"
)

// Unhex reads lower-case hex digits into bytes that they must fill, eight digits at a time.
func Unhex(into, digits []byte) bool {
	if len(digits) != 2*len(into) || len(into)%4 != 0 {
		return false
	}
	// wrong collects what differs between the digits and those that would have been written for the same bytes.
	var wrong uint64
	for ; len(digits) >= 8; into, digits = into[4:], digits[8:] {
		text := binary.BigEndian.Uint64(digits)
		nibbles := text&(each*0x0f) + text>>6&each*9
		letters := (nibbles + each*6) >> 4 & each
		wrong |= text ^ (nibbles + each*'0' + letters*('a'-'0'-10)) | nibbles&^(each*0x0f)
		nibbles |= nibbles >> 4
		nibbles &= 0x00ff00ff00ff00ff
		nibbles |= nibbles >> 8
		binary.BigEndian.PutUint32(into, uint32(nibbles>>16&0xffff0000|nibbles&0xffff))
	}
	return wrong == 0
}

// each is a one in each byte of a word.
const each = 0x0101010101010101

func nibble(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	default:
		return -1
	}
}
