package rehearsal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"rhea/engine/config"
)

// answers is a web in which only the addresses of the test exist.
type answers struct{ now map[string]config.TestAnswer }

// RoundTrip implements [http.RoundTripper].
func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	address := r.URL.String()
	answer, ok := a.now[r.Method+" "+address]
	if !ok {
		answer, ok = a.now[address]
	}
	switch {
	case !ok:
		return nil, fmt.Errorf("the test gives no answer to %s %s; add one to its http", r.Method, address)
	case answer.Fail != "":
		return nil, errors.New(answer.Fail)
	}
	header := make(http.Header)
	body, isText := answer.Body.(string)
	text := []byte(body)
	if !isText && answer.Body != nil {
		var err error
		if text, err = json.Marshal(answer.Body); err != nil {
			return nil, fmt.Errorf("the test's answer to %s: %w", address, err)
		}
		header.Set("Content-Type", "application/json")
	}
	for name, value := range answer.Headers {
		header.Set(name, value)
	}
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	return &http.Response{
		StatusCode: answer.Status, Status: fmt.Sprint(answer.Status, " ", http.StatusText(answer.Status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: r,
		Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)),
	}, nil
}
