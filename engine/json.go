package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads one value for expressions. Whole numbers stay whole, so that an id keeps its last digits and a count
// is not printed as 1e+06.
func ParseJSON(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, PlainJSON(raw, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one value")
	}
	return plainNumbers(v), nil
}

func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			if short := int(n); int64(short) == n {
				return short
			}
			return n // An int has 32 bits here.
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	}
	return v
}

// PlainJSON says in plain words why a text is not JSON, or not the JSON that was wanted, and on which line.
func PlainJSON(text []byte, err error) error {
	line := func(offset int64) int {
		return bytes.Count(text[:min(max(int(offset)-1, 0), len(text))], []byte("\n")) + 1
	}
	if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("line %d: %s cannot be a %s", line(typed.Offset), typed.Field, typed.Value)
	}
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || ok && strings.Contains(syntax.Error(), "unexpected end"):
		return errors.New("it ends too early")
	case !ok:
		return errors.New("it cannot be read")
	}
	at := min(max(int(syntax.Offset)-1, 0), max(len(text)-1, 0))
	r, _ := utf8.DecodeRune(text[at:])
	return fmt.Errorf("line %d: %q cannot stand here", line(syntax.Offset), r)
}
