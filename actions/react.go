package actions

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// ReactConfig is the configuration of the action react.
type ReactConfig struct {
	// Content is + (like), - (dislike), one emoji, or a :shortcode: with the address of its picture in emoji.
	Content engine.Text `yaml:"content"`
	// Emoji is the address of the picture of a :shortcode: (NIP-30).
	Emoji engine.Text `yaml:"emoji"`

	Target `yaml:",inline"`
}

type react struct{ ReactConfig }

var _ engine.EventAction = (*react)(nil)

// shortcode is how custom emoji are written (NIP-30).
var shortcode = regexp.MustCompile(`^:([A-Za-z0-9_-]{1,64}):$`)

// reactKind is the action that likes an event or reacts with an emoji (NIP-25).
func reactKind() engine.ActionKind {
	return engine.NewActionKind("react", ReactConfig{}, newReact)
}

func newReact(c ReactConfig) (engine.Action, error) {
	mistakes := []error{c.checkTarget()}
	if s, ok := literal(c.Content); ok {
		if err := checkReaction(s); err != nil {
			mistakes = append(mistakes, engine.At("content", err))
		} else if shortcode.MatchString(strings.TrimSpace(s)) && c.Emoji.IsZero() {
			mistakes = append(mistakes, engine.At("emoji", fmt.Errorf("is required for %s: the address of its picture", shown(s))))
		}
	}
	if s, ok := literal(c.Emoji); ok && !isWebAddress(s) {
		mistakes = append(mistakes, engine.At("emoji", fmt.Errorf("%s is not an http or https address", shown(s))))
	}
	return &react{c}, errors.Join(mistakes...)
}

// Act reacts to an event (NIP-25).
func (r *react) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	e, err := r.find(ctx, run)
	if err != nil {
		return engine.Result{}, err
	}
	if e.Kind == kindReaction || isPrivate(e.Kind) || nostr.IsEphemeralKind(e.Kind) {
		return engine.Result{}, fmt.Errorf("kind %d is not reacted to in public", e.Kind)
	}
	d := engine.Draft{Kind: kindReaction}
	if d.Content, err = r.content(run); err != nil {
		return engine.Result{}, err
	}
	if name := shortcode.FindStringSubmatch(d.Content); name != nil {
		picture, err := r.Emoji.Eval(run.Data)
		if err != nil {
			return engine.Result{}, fmt.Errorf("emoji: %w", err)
		}
		if !isWebAddress(picture) {
			return engine.Result{}, fmt.Errorf("emoji: %s needs the http or https address of its picture", d.Content)
		}
		d.Tags = append(d.Tags, nostr.Tag{"emoji", name[1], picture})
	}
	if a := address(e.Event); a != "" {
		d.Tags = append(d.Tags, trimTag(nostr.Tag{"a", a, e.relay, e.PubKey}))
	}
	d.Tags = append(d.Tags, nostr.Tag{"k", kindText(e.Kind)}, nostr.Tag{"e", e.ID, e.relay, e.PubKey})
	if !isOwn(run, e.PubKey) {
		d.Tags = append(d.Tags, person(e.PubKey, e.relay))
	}
	keepInGroup(&d, e, run)
	return engine.Result{Drafts: []engine.Draft{d}}, nil
}

func (r *react) content(run engine.Run) (string, error) {
	s, err := r.Content.Eval(run.Data)
	if err == nil {
		err = checkReaction(s)
	}
	if err != nil {
		return "", fmt.Errorf("content: %w", err)
	}
	if s = strings.TrimSpace(s); s == "" {
		return "+", nil
	}
	return s, nil
}

func checkReaction(s string) error {
	s = strings.TrimSpace(s)
	if s == "" || s == "+" || s == "-" || isOneEmoji(s) || shortcode.MatchString(s) {
		return nil
	}
	return fmt.Errorf("%s is not a reaction; write one emoji, a :shortcode:, + or -", shown(s))
}
