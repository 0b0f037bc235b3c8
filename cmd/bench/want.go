package main

// want is what a figure should be: at most or at least so much, of its own unit or of its baseline.
type want struct {
	limit        float64
	atLeast      bool
	ofBase       bool
	machineBound bool
	nothing      bool
}

func none() want { return want{nothing: true} }

// most and least are goals for this machine when it is as fast as that of the goals.
func most(limit float64) want { return want{limit: limit, machineBound: true} }

func least(limit float64) want { return want{limit: limit, atLeast: true, machineBound: true} }

// mostTimes and leastTimes are goals that are so many times the baseline.
func mostTimes(limit float64) want { return want{limit: limit, ofBase: true} }

func leastTimes(limit float64) want { return want{limit: limit, ofBase: true, atLeast: true} }

// fixed is the same on every machine.
func (w want) fixed() want {
	w.machineBound = false
	return w
}

// here is the goal on a machine that takes factor times as long as that of the goals. Sizes are the same everywhere.
func (w want) here(of measure, factor float64) want {
	switch {
	case !w.machineBound:
	case of == duration:
		w.limit *= factor
	case of == rate:
		w.limit /= factor
	}
	return w
}

// isMet reports whether a figure, with its ratio to the baseline, is as wanted.
func (w want) isMet(figure, ratio float64) bool {
	if w.ofBase {
		figure = ratio
	}
	if w.atLeast {
		return figure >= w.limit
	}
	return figure <= w.limit
}
