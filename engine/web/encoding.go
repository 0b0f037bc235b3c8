package web

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// encodings are what [decode] reads. The standard client knows gzip only, and feeds' servers send deflate too.
const encodings = "gzip, deflate"

// decode makes the body of resp readable as it was before its content encoding (RFC 9110, section 8.4.1). What was
// sent in an encoding that nobody asked for stays as it is.
func decode(resp *http.Response) {
	var open func(*bufio.Reader) (io.ReadCloser, error)
	switch strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))) {
	case "gzip", "x-gzip":
		open = func(r *bufio.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }
	case "deflate":
		open = inflate
	default:
		return
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	if resp.ContentLength == 0 || resp.StatusCode == http.StatusNotModified || resp.StatusCode == http.StatusNoContent {
		return
	}
	resp.ContentLength, resp.Uncompressed = -1, true
	resp.Body = &decoded{from: resp.Body, open: open}
}

// inflate reads deflate as the standard has it, within zlib, and as some servers have it, bare.
func inflate(r *bufio.Reader) (io.ReadCloser, error) {
	head, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

// decoded opens the encoded body when it is first read, so that waiting for it counts as reading.
type decoded struct {
	from io.ReadCloser
	open func(*bufio.Reader) (io.ReadCloser, error)
	body io.ReadCloser
	err  error
}

func (d *decoded) Read(p []byte) (int, error) {
	if d.body == nil && d.err == nil {
		buffered := bufio.NewReader(d.from)
		if _, err := buffered.Peek(1); errors.Is(err, io.EOF) {
			d.err = io.EOF // Nothing at all is an empty body in any encoding.
		} else if d.body, err = d.open(buffered); err != nil {
			d.err = fmt.Errorf("the body is not in the encoding it says it is in: %w", err)
		}
	}
	if d.err != nil {
		return 0, d.err
	}
	return d.body.Read(p)
}

func (d *decoded) Close() error { return d.from.Close() }
