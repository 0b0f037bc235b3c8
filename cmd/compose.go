package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/sign"
)

// message is what a person says on the command line. It becomes an event in the same way as what a rule says.
type message struct {
	content string
	// kind is that of a message that answers nothing.
	kind     int
	mentions []string
	tags     [][]string
	// answers names the event that it is a reply to; "" for none.
	answers string
}

// draft writes the event. The run says who speaks and where.
func (m message) draft(ctx context.Context, run engine.Run) (engine.Draft, error) {
	post := actions.Post{Content: fixed(m.content)}
	post.Mentions = engine.NewStrings(strings.Join(m.mentions, " "), func(engine.Data) ([]string, error) { return m.mentions, nil })
	for _, tag := range m.tags {
		texts := make([]engine.Text, len(tag))
		for i, value := range tag {
			texts[i] = fixed(value)
		}
		post.Tags = append(post.Tags, texts)
	}
	name, config := "publish", any(actions.PublishConfig{Kind: m.kind, Post: post})
	if m.answers != "" {
		name, config = "reply", actions.ReplyConfig{Post: post, Target: actions.Target{Event: fixed(m.answers)}}
	}
	kinds := actions.Kinds()
	act, err := kinds[slices.IndexFunc(kinds, func(k engine.ActionKind) bool { return k.Name == name })].Build(config)
	if err != nil {
		return engine.Draft{}, usage("%w", err)
	}
	made, err := act.Act(ctx, run)
	if err != nil && m.answers != "" {
		err = fmt.Errorf("--reply-to: %w; asked for it: %s. A nevent1… can name the relay that has it", err, strings.Join(run.Relays, ", "))
	}
	if err != nil {
		return engine.Draft{}, failed(err)
	}
	if len(made.Drafts) != 1 {
		return engine.Draft{}, failed(fmt.Errorf("the action %s made %d events", name, len(made.Drafts)))
	}
	return made.Drafts[0], nil
}

// fixed is a text without expressions.
func fixed(text string) engine.Text {
	return engine.NewText(text, func(engine.Data) (string, error) { return text, nil })
}

// finish signs a draft as rules do.
func (a *app) finish(ctx context.Context, d engine.Draft, signer engine.Signer, now time.Time) (nostr.Event, error) {
	asItIs := func(context.Context, *nostr.Event) error { return nil }
	return sign.Finisher{Signer: signer, Now: now, Date: asItIs, Secrets: a.secrets}.Finish(ctx, d)
}
