package main

import (
	"math"
	"strconv"
	"strings"
)

// value is what a benchmark reports in a unit. Of a test it is whether it passed.
type value struct{ bench, unit string }

const (
	microsecond = 1e3 // Times are kept in nanoseconds, as go test has them,
	millisecond = 1e6
	second      = 1e9
	kilobyte    = 1 << 10 // and sizes in bytes.
	megabyte    = 1 << 20
)

// measure is a sort of figure: what units are read to, and how it is written.
type measure int

const (
	count measure = iota
	duration
	rate
	size
	verdict
)

// passed is the unit of a test.
const passed = "passed"

// measureOf returns what a unit measures, and how many nanoseconds, bytes or whatever it is one of. What stands before
// the last hyphen of a unit says whose or which figure it is.
func measureOf(unit string) (of measure, times float64) {
	if unit == passed {
		return verdict, 1
	}
	last := unit[strings.LastIndexByte(unit, '-')+1:]
	per, _, isPer := strings.Cut(last, "/")
	switch {
	case strings.HasSuffix(last, "/s"):
		return rate, 1
	case per == "ns":
		return duration, 1
	case per == "µs":
		return duration, microsecond
	case per == "ms":
		return duration, millisecond
	case per == "MB":
		return size, megabyte
	case per == "bytes" && isPer:
		return size, 1
	}
	return count, 1
}

// write writes a figure with its unit, in three digits or more.
func (m measure) write(v float64) string {
	switch m {
	case duration:
		return scaled(v, []string{" ns", " µs", " ms", " s"}, 1000)
	case size:
		return scaled(v, []string{" B", " KB", " MB", " GB"}, 1024)
	case rate:
		return digits(v) + "/s"
	case verdict:
		return map[bool]string{true: "passed", false: "failed"}[v == 1]
	default:
		return digits(v)
	}
}

func scaled(v float64, units []string, step float64) string {
	for len(units) > 1 && math.Abs(v) >= step {
		v, units = v/step, units[1:]
	}
	return digits(v) + units[0]
}

// digits writes three digits, or all of those before the point, with commas between the thousands.
func digits(v float64) string {
	switch abs := math.Abs(v); {
	case abs == 0:
		return "0"
	case abs < 0.001:
		return strconv.FormatFloat(v, 'g', 2, 64)
	case abs < 100:
		places := 2 - int(math.Floor(math.Log10(abs)))
		text := strconv.FormatFloat(v, 'f', places, 64)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	text := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
