package cmd

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"rhea/cmd/screen"
)

// narrowest is the least number of columns for which lines are broken.
const narrowest = 20

// complain prints why the program ends. On a terminal its lines are broken at spaces, so that ids and addresses stay whole;
// a file and another program get whole lines.
func (a *app) complain(err error) {
	width := a.columns()
	for line := range strings.Lines("rhea: " + err.Error() + "\n") {
		line = strings.TrimSuffix(line, "\n")
		if width < narrowest {
			printLine(a.Err, "%s", line)
			continue
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for _, part := range screen.Hang("", indent+"  ", line, width) {
			printLine(a.Err, "%s", part)
		}
	}
}

// columns is how wide the terminal is that errors go to, or as COLUMNS says; 0 without one.
func (a *app) columns() int {
	if text, ok := a.LookupEnv("COLUMNS"); ok {
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	f, ok := a.inner.Err.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
