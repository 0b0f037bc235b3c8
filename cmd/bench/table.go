package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	row     = "%-2s %-30s %12s %s %-10s %s"
	beside  = "%-25s %-11s" // The baseline and the ratio,
	without = "%-37.37s"    // or why there are none.
	unknown = "not measured"
	missing = "–"
)

// writeTable writes a line for each figure.
func writeTable(out io.Writer, r *results) error {
	factor := writeFactor(out, r)
	fmt.Fprintf(out, "Figures are medians of %d runs; a baseline was measured in the same run.\n\n", len(r.of[verify()]))
	lines := []string{fmt.Sprintf(row, "#", "figure", "ours", fmt.Sprintf(beside, "baseline", "ratio"), "goal", "met")}
	before := ""
	for _, f := range figures() {
		if f.name == "" {
			f.name = before
		}
		before = f.name
		lines = append(lines, f.line(r, factor))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// writeFactor says how many times slower than that of the goals this machine is, and whether it had other things to do.
func writeFactor(out io.Writer, r *results) (factor float64) {
	all := r.of[verify()]
	if len(all) == 0 {
		fmt.Fprintf(out, "How fast this machine is was not measured: goals in times and rates are those of another one.\n")
		return 1
	}
	best := canonical(slices.Min(all), verify())
	factor = best / goalVerify
	fmt.Fprintf(out, "go-nostr verifies a signature in %s here, in %s on the machine of the goals: factor %s.\n"+
		"Goals in time are multiplied by it and goals in rates divided, but for those of a distant relay.\n",
		duration.write(best), duration.write(goalVerify), digits(factor))
	if busy, ok := r.median(verifyBusy()); ok && busy > 1.3*best {
		fmt.Fprintf(out, "The machine had other things to do: on the average that took %s. Trust ratios, not times.\n",
			duration.write(busy))
	}
	return factor
}

// line is the figure as it was measured.
func (f figure) line(r *results, factor float64) string {
	ours, goal, met, number := unknown, missing, missing, missing
	if f.goal > 0 {
		number = strconv.Itoa(f.goal)
	}
	of, _ := measureOf(f.ours.unit)
	want := f.want.here(of, factor)
	v, measured := r.median(f.ours)
	v = canonical(v, f.ours)
	if measured {
		ours = of.write(v)
	}
	ratio, compared := r.ratio(f.ours, f.base)
	if !want.nothing {
		goal = want.write(of)
		if measured && (compared || !want.ofBase) {
			met = map[bool]string{true: "yes", false: "no"}[want.isMet(v, ratio)]
		}
	}
	return fmt.Sprintf(row, number, f.name, ours, f.baseline(r), goal, met)
}

// baseline is the baseline as it was measured, and the ratio of the figure to it.
func (f figure) baseline(r *results) string {
	ratio, compared := r.ratio(f.ours, f.base)
	v, _ := r.median(f.base)
	switch of, _ := measureOf(f.ours.unit); {
	case f.peer == "":
		return fmt.Sprintf(beside, missing, missing)
	case !compared:
		return fmt.Sprintf(without, f.peer+": "+cmp.Or(r.why(f.base), unknown))
	default:
		return fmt.Sprintf(beside, of.write(baseline(v, f.ours, f.base))+" "+f.peer, writeRatio(ratio))
	}
}

// why says why a value was not measured, as far as its benchmark has said so.
func (r *results) why(v value) string {
	for name := v.bench; ; {
		if why := r.skipped[name]; why != "" {
			return why
		}
		cut := strings.LastIndexByte(name, '/')
		if cut < 0 {
			return ""
		}
		name = name[:cut]
	}
}

// writeRatio says how many times more or less than the baseline something is.
func writeRatio(r float64) string {
	switch {
	case r == 0:
		return "none"
	case digits(r) == "1" || digits(1/r) == "1":
		return "1×"
	case r >= 1:
		return digits(r) + "× more"
	}
	return digits(1/r) + "× less"
}

// write says what is wanted of a figure.
func (w want) write(of measure) string {
	sign := map[bool]string{true: "≥ ", false: "≤ "}[w.atLeast]
	switch {
	case of == verdict:
		return passed
	case w.ofBase && w.limit < 0.5:
		return sign + "1/" + digits(1/w.limit)
	case w.ofBase:
		return sign + digits(w.limit) + "×"
	}
	return sign + of.write(w.limit)
}
