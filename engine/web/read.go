package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// ErrTooLarge is the error for an answer with a longer body than allowed.
var ErrTooLarge = errors.New("the answer is too large")

// Read reads the body of resp, at most so many bytes of it after decompression, and closes it. A longer body is an
// [ErrTooLarge].
func Read(resp *http.Response, most int64) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.ContentLength > most {
		return nil, tooLarge(resp, most)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", host(resp), err)
	}
	if int64(len(body)) > most {
		return nil, tooLarge(resp, most)
	}
	return body, nil
}

func tooLarge(resp *http.Response, most int64) error {
	return fmt.Errorf("%w: %s sends more than %d KiB", ErrTooLarge, host(resp), most>>10)
}

func host(resp *http.Response) string {
	if resp.Request == nil || resp.Request.URL == nil {
		return "the server"
	}
	return resp.Request.URL.Host
}
