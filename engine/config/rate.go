package config

import (
	"errors"
	"fmt"
	"strconv"

	"rhea/engine"
)

// rateText is a rate, or 0 for no limit.
type rateText struct{ engine.Rate }

// UnmarshalText reads "3/10m" or "0".
func (r *rateText) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		r.Rate = engine.Rate{}
		return nil
	}
	return r.Rate.UnmarshalText(text)
}

// rateOrCountText is a rate, or a number of times for as long as a ledger counts.
type rateOrCountText struct{ rateText }

// UnmarshalText reads "3/10m", "5" or "0".
func (r *rateOrCountText) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	switch {
	case err != nil || n == 0:
		return r.rateText.UnmarshalText(text)
	case n < 0:
		return fmt.Errorf("%d is less than nothing; 0 is no cap", n)
	}
	r.Rate = engine.Rate{Count: n, Per: engine.CounterAge}
	return nil
}

func (r rateText) rate() engine.Rate { return r.Rate }

// ratesOf are the rates of a limit: none for 0.
func ratesOf[T interface{ rate() engine.Rate }](texts *[]T) *[]engine.Rate {
	if texts == nil {
		return nil
	}
	rates := []engine.Rate{}
	for _, t := range *texts {
		if r := t.rate(); r.Count > 0 {
			rates = append(rates, r)
		}
	}
	return &rates
}

// ratesError refuses lists that are empty or contradict themselves.
func ratesError[T interface{ rate() engine.Rate }](path string, texts *[]T) error {
	if texts == nil {
		return nil
	}
	switch n := len(*ratesOf(texts)); {
	case len(*texts) == 0:
		return engine.At(path, errors.New("this list is empty; write 0 for no cap, or leave it out"))
	case n < len(*texts) && len(*texts) > 1:
		return engine.At(path, errors.New("0 is no cap, and stands beside one; remove either"))
	}
	return nil
}

// limitError finds limits that make no sense.
func (b behaviour) limitError() error {
	if b.Limit == nil {
		return nil
	}
	return errors.Join(ratesError("limit.rate", b.Limit.Rate), ratesError("limit.author", b.Limit.Author),
		ratesError("limit.thread", b.Limit.Thread))
}
