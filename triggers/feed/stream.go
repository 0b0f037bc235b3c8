package feed

import (
	"context"
	"encoding/json"
	"strconv"

	"rhea/engine"
)

// stream is where the state of one of so many feeds is kept. A single feed has the rule's own, so that its address may
// change.
func (f *feeds) stream(url string, feeds int) string {
	if feeds == 1 && f.config.OPML == "" {
		return f.setup.Stream
	}
	return f.manyStream(url)
}

func (f *feeds) manyStream(url string) string {
	return f.setup.Stream + "/" + strconv.FormatUint(hash64(canonicalLink(url)), 36)
}

// takeOver goes on with what is known of the feed from when it was the rule's only one, or one of several: a rule gains
// and loses feeds, and none of those it keeps begins anew.
func (p *poller) takeOver(ctx context.Context, in engine.Intake, l *look) error {
	from := p.manyStream(p.url)
	if p.stream == from {
		from = p.setup.Stream
	}
	other, err := readState(ctx, in, from)
	if err != nil || canonicalLink(other.URL) != canonicalLink(p.url) || other.Next <= l.state.Next {
		return err
	}
	l.state = other
	hold, err := in.Position(ctx, p.holdStream(from))
	if err != nil || hold == "" {
		return err
	}
	if err := in.Advance(ctx, engine.Position{Stream: p.holdStream(p.stream), Value: hold}); err != nil {
		return err
	}
	return in.Advance(ctx, engine.Position{Stream: p.holdStream(from)})
}

// holdStream is where it stands that the feed with its state in a stream is held back.
func (f *feeds) holdStream(stream string) string {
	return engine.HoldStream(f.setup.Rule) + "/" + stream
}

// readState reads what is known of a feed. What cannot be read is as good as nothing.
func readState(ctx context.Context, in engine.Positions, stream string) (state, error) {
	text, err := in.Position(ctx, stream)
	var s state
	if err != nil || json.Unmarshal([]byte(text), &s) != nil {
		return state{}, err
	}
	return s, nil
}
