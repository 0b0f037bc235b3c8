// Command bench prints the table of make bench: what Rhea takes beside what others take in the same run, and whether the
// goals are met.
//
// figures.go is the table in code, a line a figure; runs.go says how the benchmarks that it names are run. To add a
// goal, write its benchmark beside the code that it measures and its line in figures.go.
//
// It imports nothing of ours: it runs go test and reads what that prints.
package main
