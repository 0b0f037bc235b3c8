package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestFiguresAreMeasured finds figures that no run measures, and benchmarks that are no longer in the code.
func TestFiguresAreMeasured(t *testing.T) {
	t.Parallel()
	for _, v := range values() {
		i := slices.IndexFunc(runs(), func(r run) bool { return r.has(v) })
		if i < 0 {
			t.Errorf("no run measures %q", v.bench)
			continue
		}
		files, err := filepath.Glob(filepath.Join("../..", runs()[i].pkg, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(v.bench, runs()[i].tags+" "), "/")
		function := regexp.MustCompile(`(?m)^func (Benchmark)?` + name + `\(`)
		if !slices.ContainsFunc(files, func(file string) bool {
			text, err := os.ReadFile(file)
			return err == nil && function.Match(text)
		}) {
			t.Errorf("%s has no benchmark %s", runs()[i].pkg, name)
		}
	}
}

// TestRunsAreNeeded finds what is run for no figure.
func TestRunsAreNeeded(t *testing.T) {
	t.Parallel()
	for _, r := range runs() {
		for name := range strings.FieldsSeq(r.benches) {
			one := run{benches: name, tags: r.tags}
			if !slices.ContainsFunc(values(), one.has) {
				t.Errorf("no figure is of %s", name)
			}
		}
	}
}

// TestTable prints the table of an output that was recorded, and of none.
func TestTable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"recorded", "empty", "without_npm"} {
		in, err := os.Open(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		r, err := readResults(in)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := writeTable(&got, r); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(got.String()) {
			if n := utf8.RuneCountInString(line) - 1; n > 100 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		golden := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: the table is\n%s\nwant\n%s", name, got.String(), want)
		}
	}
}

// TestLine reads an output of some lines and looks at one line of the table.
func TestLine(t *testing.T) {
	t.Parallel()
	ours, base := value{"X/ours", "things/s"}, ns("X/baseline theirs")
	rates := "BenchmarkX/ours-2 10 5 ns/op 100 things/s\nBenchmarkX/baseline_theirs-2 10 2000000 ns/op\n"
	for name, c := range map[string]struct {
		output string
		figure figure
		factor float64
		want   string
	}{
		"a rate beside a time": {
			rates, figure{1, "x", ours, "them", base, leastTimes(0.2)}, 1,
			"1  x 100/s 500/s them 5× less ≥ 1/5 yes",
		},
		"a slow machine may have a lower rate": {
			rates, figure{1, "x", ours, "", value{}, least(200)}, 2, "1  x 100/s – – ≥ 100/s yes",
		},
		"but not of what is far away": {
			rates, figure{1, "x", ours, "", value{}, least(200).fixed()}, 2, "1  x 100/s – – ≥ 200/s no",
		},
		"the median of three runs": {
			"BenchmarkX/ours 1 7 ns/op\nBenchmarkX/ours 1 900 ns/op\nBenchmarkX/ours 1 8 ns/op\n",
			figure{0, "x", ns("X/ours"), "", value{}, most(3)}, 3, "–  x 8 ns – – ≤ 9 ns yes",
		},
		"no baseline": {
			"BenchmarkX/ours 1 7 ns/op\n", figure{1, "x", ns("X/ours"), "them", base, mostTimes(1)}, 1,
			"1  x 7 ns them: not measured ≤ 1× –",
		},
		"other tags": {
			"tags: c\nBenchmarkX/ours 1 7 ns/op\n", figure{1, "x", ns("X/ours"), "", value{}, none()}, 1,
			"1  x not measured – – – –",
		},
		"the right tags": {
			"tags: c\nBenchmarkX/ours 1 7 ns/op\n", figure{1, "x", ns("c X/ours"), "", value{}, none()}, 1, "1  x 7 ns – – – –",
		},
		"a reason": {
			"BenchmarkX\n    x_test.go:7: npm is not installed\n--- SKIP: BenchmarkX\n",
			figure{1, "x", ns("X/ours"), "them", base, mostTimes(1)}, 1, "1  x not measured them: npm is not installed ≤ 1× –",
		},
		"a test that failed": {
			"--- FAIL: TestX (1.2s)\n", figure{1, "x", value{"TestX", passed}, "", value{}, least(1)}, 1,
			"1  x failed – – passed no",
		},
		"nothing at all": {
			"BenchmarkX/ours 1 1 ns/op 0 goroutines/rule\nBenchmarkX/theirs 1 1 ns/op 2 goroutines/rule\n",
			figure{1, "x", value{"X/ours", "goroutines/rule"}, "them", value{"X/theirs", "goroutines/rule"}, most(1)}, 1,
			"1  x 0 2 them none ≤ 1 yes",
		},
		"a size": {
			"BenchmarkX 1 1 ns/op 21.5 idle-MB\n", figure{1, "x", value{"X", "idle-MB"}, "", value{}, most(20 * megabyte)}, 9,
			"1  x 21.5 MB – – ≤ 20 MB no",
		},
	} {
		r, err := readResults(strings.NewReader(c.output))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := strings.Join(strings.Fields(c.figure.line(r, c.factor)), " ")
		if want := strings.Join(strings.Fields(c.want), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestUnreadableOutput(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"BenchmarkX 1 fast ns/op", "BenchmarkX 1 5 ns/op 7"} {
		if _, err := readResults(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"735 ns": duration.write(735), "2.12 µs": duration.write(2120), "45 ms": duration.write(45e6), "7.51 s": duration.write(7.512e9),
		"299 µs": duration.write(298.8e3), "1,633/s": rate.write(1633), "12.4/s": rate.write(12.36), "24.1 MB": size.write(24.14 * megabyte),
		"0.0047": count.write(0.0047), "0": count.write(0), "12,345,678": count.write(12345678), "0.5": count.write(0.5),
		"1.82× less": writeRatio(0.55), "6.51× more": writeRatio(6.51), "1×": writeRatio(0.998),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
