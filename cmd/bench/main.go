package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := table(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// table prints the table of what the benchmarks measure now, or of a file with what they have printed before.
func table(ctx context.Context, files []string) error {
	var printed bytes.Buffer
	var failed error
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		printed.Write(text)
	}
	if len(files) == 0 {
		failed = measureAll(ctx, io.MultiWriter(&printed, os.Stderr))
	}
	r, err := readResults(&printed)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr)
	if err := writeTable(os.Stdout, r); err != nil {
		return err
	}
	return failed
}

// measureAll runs all benchmarks, round after round, and writes what they print. What fails does not stop the others.
func measureAll(ctx context.Context, out io.Writer) error {
	var failed []string
	for round, more := 0, true; more; round++ {
		more = false
		for _, r := range runs() {
			if round >= r.rounds {
				continue
			}
			more = true
			fmt.Fprintln(out, tagsLine, r.tags)
			c := exec.CommandContext(ctx, "go", r.args()...)
			c.Env = append(os.Environ(), r.env...)
			c.Stdout, c.Stderr = out, out
			if err := c.Run(); ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				failed = append(failed, fmt.Sprintf("%s of %s: %v", r.benches, r.pkg, err))
			}
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("these failed:\n%s", strings.Join(failed, "\n"))
	}
	return nil
}
