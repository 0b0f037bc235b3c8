package cmd

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// tableWidth is what fits on a terminal.
const tableWidth = 80

// table is an aligned list for people. JSON has what a table cuts off.
type table struct {
	columns []column
	rows    [][]string
}

type column struct {
	title string
	// right aligns numbers.
	right bool
	// least is how far a column may be cut to make the table fit; 0 never cuts it.
	least int
}

// add appends a row. A stranger's text cannot leave its cell.
func (t *table) add(cells ...string) {
	for i, c := range cells {
		cells[i] = oneLine(hideTokens(c)) // Before widths are taken.
	}
	t.rows = append(t.rows, cells)
}

func (t *table) write(w io.Writer) {
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}
	widths := t.widths(append([][]string{titles}, t.rows...))
	t.line(w, titles, widths)
	for _, row := range t.rows {
		t.line(w, row, widths)
	}
}

// widths takes from the widest of the columns that may be cut until the table fits.
func (t *table) widths(rows [][]string) []int {
	widths := make([]int, len(t.columns))
	total := 2 * (len(t.columns) - 1)
	for i := range t.columns {
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		total += widths[i]
	}
	for ; total > tableWidth; total-- {
		widest := -1
		for i, c := range t.columns {
			if c.least > 0 && widths[i] > c.least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

func (t *table) line(w io.Writer, row []string, widths []int) {
	var b strings.Builder
	for i, cell := range row {
		cell = clip(cell, widths[i])
		space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		switch {
		case t.columns[i].right:
			b.WriteString(space + cell)
		case i == len(row)-1:
			b.WriteString(cell)
		default:
			b.WriteString(cell + space)
		}
		if i < len(row)-1 {
			b.WriteString("  ")
		}
	}
	fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
}
