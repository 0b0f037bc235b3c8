package feed

import (
	"context"
	"io"
)

// patient is a document that can be read until ctx ends: the parser takes no context, but asks for one piece at a time.
type patient struct {
	ctx  context.Context
	rest io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := context.Cause(p.ctx); err != nil {
		return 0, err
	}
	return p.rest.Read(b[:min(len(b), 4096)])
}
