package screen

import (
	"fmt"
	"io"
	"strings"
)

// Width is what fits on a terminal.
const Width = 80

// Table is an aligned list for people. JSON has what a table cuts off.
type Table struct {
	Columns []Column
	rows    [][]string
}

// Column is a column of a table.
type Column struct {
	Title string
	// Right aligns numbers.
	Right bool
	// Least is how far a column may be cut to make the table fit; 0 never cuts it.
	Least int
	// Whole has what does not fit into this column, the last one, follow on lines of its own. It takes what the others
	// leave.
	Whole bool
}

// Add appends a row. A stranger's text cannot leave its cell.
func (t *Table) Add(cells ...string) {
	for i, c := range cells {
		cells[i] = OneLine(HideTokens(c)) // Before widths are taken.
	}
	t.rows = append(t.rows, cells)
}

// Write writes the table, its titles first.
func (t *Table) Write(w io.Writer) {
	titles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		titles[i] = c.Title
	}
	widths := t.widths(append([][]string{titles}, t.rows...))
	t.line(w, titles, widths)
	for _, row := range t.rows {
		t.line(w, row, widths)
	}
}

// widths takes from the widest of the columns that may be cut until the table fits.
func (t *Table) widths(rows [][]string) []int {
	widths := make([]int, len(t.Columns))
	total := 2 * (len(t.Columns) - 1)
	for i := range t.Columns {
		for _, row := range rows {
			widths[i] = max(widths[i], WidthOf(row[i]))
		}
		total += widths[i]
	}
	if last := len(t.Columns) - 1; t.Columns[last].Whole {
		least := min(widths[last], max(t.Columns[last].Least, Width-total+widths[last]))
		total += least - widths[last]
		widths[last] = least
	}
	for ; total > Width; total-- {
		widest := -1
		for i, c := range t.Columns {
			if c.Least > 0 && widths[i] > c.Least && (widest < 0 || widths[i] > widths[widest]) {
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

func (t *Table) line(w io.Writer, row []string, widths []int) {
	var b strings.Builder
	last := len(row) - 1
	below := ""
	if t.Columns[last].Whole && WidthOf(row[last]) > widths[last] {
		row, below = append(row[:last:last], ""), row[last]
	}
	for i, cell := range row {
		cell = Clip(cell, widths[i])
		space := strings.Repeat(" ", widths[i]-WidthOf(cell))
		switch {
		case t.Columns[i].Right:
			b.WriteString(space + cell)
		case i == last:
			b.WriteString(cell)
		default:
			b.WriteString(cell + space)
		}
		if i < last {
			b.WriteString("  ")
		}
	}
	fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	if below == "" {
		return
	}
	for _, part := range Hang("  ", "  ", below, Width) {
		fmt.Fprintln(w, part)
	}
}
