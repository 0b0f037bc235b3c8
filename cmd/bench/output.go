package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// results are what benchmarks have reported: of each value what it was in each run.
type results struct {
	of map[value][]float64
	// skipped says why a benchmark did not run.
	skipped map[string]string
	// tags are the build tags of what is read next.
	tags string
}

// tagsLine begins the line that says with which build tags the benchmarks after it run.
const tagsLine = "tags:"

var (
	// processors is what go test appends to the name of a benchmark.
	processors = regexp.MustCompile(`-\d+$`)
	ended      = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (?:Benchmark)?(\S+)`)
	// logged is what a benchmark says: go test -v prints it before it prints that the benchmark was skipped.
	logged = regexp.MustCompile(`^    \S+_test\.go:\d+: (.*)`)
)

// readResults reads what go test prints, of several runs one after the other.
func readResults(in io.Reader) (*results, error) {
	r := &results{of: make(map[value][]float64), skipped: make(map[string]string)}
	lines := bufio.NewScanner(in)
	said := ""
	for lines.Scan() {
		line := lines.Text()
		if m := logged.FindStringSubmatch(line); m != nil {
			said = m[1]
		}
		switch m := ended.FindStringSubmatch(line); {
		case strings.HasPrefix(line, tagsLine):
			r.tags = strings.TrimSpace(line[len(tagsLine):])
		case strings.HasPrefix(line, "Benchmark"):
			said = ""
			if err := r.add(strings.Fields(line)); err != nil {
				return nil, fmt.Errorf("%q: %w", line, err)
			}
		case m == nil:
		case m[1] == "SKIP":
			r.skipped[r.named(m[2])] = said
		default:
			v := value{r.named(m[2]), passed}
			r.of[v] = append(r.of[v], map[string]float64{"PASS": 1}[m[1]])
		}
	}
	return r, lines.Err()
}

// add reads a line such as "BenchmarkX/a_b-2 100 12.5 ns/op 3 things".
func (r *results) add(fields []string) error {
	if len(fields) < 4 {
		return nil // go test -v announces a benchmark by its name alone.
	}
	name := r.named(strings.TrimPrefix(fields[0], "Benchmark"))
	for pair := range slices.Chunk(fields[2:], 2) {
		if len(pair) < 2 {
			return fmt.Errorf("%s has no unit", pair[0])
		}
		v, err := strconv.ParseFloat(pair[0], 64)
		if err != nil {
			return err
		}
		key := value{name, pair[1]}
		r.of[key] = append(r.of[key], v)
	}
	return nil
}

// named is the name of a benchmark as the table has it.
func (r *results) named(name string) string {
	name = strings.ReplaceAll(processors.ReplaceAllString(name, ""), "_", " ")
	if r.tags != "" {
		name = r.tags + " " + name
	}
	return name
}

// median is what a value was in the middle one of its runs.
func (r *results) median(v value) (figure float64, ok bool) {
	return median(r.of[v])
}

// ratio is the median of the ratios of the runs. What is a rate on one side and a time on the other is compared as
// rates.
func (r *results) ratio(ours, base value) (ratio float64, ok bool) {
	var all []float64
	for i := range min(len(r.of[ours]), len(r.of[base])) {
		if b := baseline(r.of[base][i], ours, base); b != 0 {
			all = append(all, canonical(r.of[ours][i], ours)/b)
		}
	}
	return median(all)
}

// canonical is a reported number in nanoseconds, bytes or what else its unit measures.
func canonical(v float64, of value) float64 {
	_, times := measureOf(of.unit)
	return v * times
}

// baseline is the number of a baseline as ours measures it.
func baseline(v float64, ours, base value) float64 {
	v = canonical(v, base)
	measured, _ := measureOf(ours.unit)
	if from, _ := measureOf(base.unit); measured == rate && from == duration && v > 0 {
		return second / v
	}
	return v
}

func median(all []float64) (m float64, ok bool) {
	if len(all) == 0 {
		return 0, false
	}
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2], true
}
