package key

import (
	"slices"
	"strings"
)

// Bech32 as in BIP 173. Keys are short, so its limit of 90 characters is kept loosely.

const (
	maxLength   = 1000
	alphabet    = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	checksumLen = 6
)

// decode returns the prefix and the bytes behind a bech32 text. What is wrong with it is not said, since the text may
// be a mistyped key.
func decode(s string) (prefix string, data []byte, err error) {
	lower := strings.ToLower(s)
	at := strings.LastIndexByte(lower, '1')
	if len(s) > maxLength || lower != s && strings.ToUpper(s) != s || at < 1 || len(lower)-at-1 < checksumLen {
		return "", nil, errForm
	}
	prefix = lower[:at]
	digits := make([]byte, 0, len(lower)-at-1)
	for _, c := range []byte(lower[at+1:]) {
		digit := strings.IndexByte(alphabet, c)
		if digit < 0 {
			return "", nil, errForm
		}
		digits = append(digits, byte(digit))
	}
	data, ok := toBytes(digits[:len(digits)-checksumLen])
	if !ok || checksum(prefix, digits) != 1 {
		return "", nil, errForm
	}
	return prefix, data, nil
}

// encode writes data as bech32 text.
func encode(prefix string, data []byte) string {
	digits := toDigits(data)
	sum := checksum(prefix, append(slices.Clip(digits), make([]byte, checksumLen)...)) ^ 1
	for i := range checksumLen {
		digits = append(digits, byte(sum>>(5*(checksumLen-1-i)))&31)
	}
	var b strings.Builder
	b.WriteString(prefix + "1")
	for _, d := range digits {
		b.WriteByte(alphabet[d])
	}
	return b.String()
}

// checksum is the BCH code of BIP 173 over the expanded prefix and the digits; 1 for a valid text.
func checksum(prefix string, digits []byte) uint32 {
	sum := uint32(1)
	for _, c := range []byte(prefix) {
		sum = step(sum, c>>5)
	}
	sum = step(sum, 0)
	for _, c := range []byte(prefix) {
		sum = step(sum, c&31)
	}
	for _, d := range digits {
		sum = step(sum, d)
	}
	return sum
}

func step(sum uint32, digit byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	top := sum >> 25
	sum = (sum&0x1ffffff)<<5 ^ uint32(digit)
	for i, g := range generator {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

// toDigits regroups bytes into digits of five bits, the last padded with zeros.
func toDigits(data []byte) []byte {
	digits := make([]byte, 0, len(data)*8/5+1+checksumLen)
	acc, bits := uint32(0), 0
	for _, b := range data {
		acc, bits = acc<<8|uint32(b), bits+8
		for bits >= 5 {
			bits -= 5
			digits = append(digits, byte(acc>>bits)&31)
		}
	}
	if bits > 0 {
		digits = append(digits, byte(acc<<(5-bits))&31)
	}
	return digits
}

// toBytes regroups digits into bytes. It refuses a padding that is not short and zero.
func toBytes(digits []byte) ([]byte, bool) {
	data := make([]byte, 0, len(digits)*5/8)
	acc, bits := uint32(0), 0
	for _, d := range digits {
		acc, bits = acc<<5|uint32(d), bits+5
		if bits >= 8 {
			bits -= 8
			data = append(data, byte(acc>>bits))
		}
	}
	return data, bits < 5 && acc&(1<<bits-1) == 0
}
