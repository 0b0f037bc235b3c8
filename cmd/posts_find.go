package cmd

import (
	"context"
	"time"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/reference"
)

// post is an event that the bot has made, with what became of it at each relay.
type post struct {
	ID string `json:"id"`
	// Link names the event, its author and relays that have it (NIP-19, NIP-21).
	Link string     `json:"link"`
	Kind int        `json:"kind"`
	Rule string     `json:"rule"`
	Made *time.Time `json:"made"`
	// Identity is who wrote it in the configuration's words, "" for what is not in it.
	Identity string `json:"identity,omitempty"`
	Author   string `json:"author"`
	Npub     string `json:"npub"`
	Content  string `json:"content"`
	// To is who wrote what was answered.
	To     *person     `json:"to,omitempty"`
	Relays []postRelay `json:"relays"`

	// what names its kind.
	what string
}

// postRelay is what became of an event at one relay.
type postRelay struct {
	Relay  string               `json:"relay"`
	State  engine.DeliveryState `json:"state"`
	Reason string               `json:"reason,omitempty"`
}

// person is somebody as people know them.
type person struct {
	Pubkey string `json:"pubkey"`
	Npub   string `json:"npub"`
	Name   string `json:"name,omitempty"`
}

// personOf returns who wrote what a decision is about; nil for nobody.
func personOf(about *engine.Subject) *person {
	if about == nil || about.Author == "" {
		return nil
	}
	return &person{about.Author, npubOf(about.Author), about.Name}
}

// npubOf is a public key as people write it; what is none stays as it is.
func npubOf(pubkey string) string {
	npub, err := reference.Npub(pubkey)
	if err != nil {
		return pubkey
	}
	return npub
}

// linkTo is how programs open an event, "" for what is none.
func linkTo(id, author string, kind int, relays ...string) string {
	for i := range relays {
		relays[i] = engine.PublicRelay(relays[i])
	}
	link, err := reference.Nevent(id, author, kind, relays...)
	if err != nil {
		return ""
	}
	return "nostr:" + link
}

// newPost puts the deliveries of one event together.
func (s stateRef) newPost(items []ledger.Item) post {
	e := items[0].Event
	p := post{
		ID: e.ID, Kind: e.Kind, Rule: items[0].Rule, Made: screen.Moment(items[0].Committed),
		Identity: s.identityOf(items[0].Rule), Author: e.PubKey, Npub: npubOf(e.PubKey), Content: e.Content, what: kindOf(e),
	}
	var accepted []string
	for _, i := range items {
		if i.State == engine.Accepted {
			accepted = append(accepted, i.Relay)
		}
		p.Relays = append(p.Relays, postRelay{i.Relay, i.State, i.Reason})
	}
	p.Link = linkTo(e.ID, e.PubKey, e.Kind, accepted...)
	return p
}

// identityOf is the name of the identity that a rule acts as, "" when that is not certain.
func (s stateRef) identityOf(rule string) string {
	if s.file == nil {
		return ""
	}
	for _, r := range profileRules(s.file) {
		if r.Name == rule {
			return r.Identity
		}
	}
	r, ok := s.file.Rule(rule)
	if !ok || r.Derived != nil {
		return ""
	}
	for _, step := range r.Steps {
		if step.Identity != "" && step.Identity != r.Identity {
			return ""
		}
	}
	return r.Identity
}

// posts reads what a rule, or any without one, has made since a time, the newest first, at most n events.
func (s stateRef) posts(ctx context.Context, r ledger.Reader, rule string, since time.Time, n int) ([]post, error) {
	found := []post{}
	var items []ledger.Item
	add := func() {
		if len(items) > 0 {
			found, items = append(found, s.newPost(items)), nil
		}
	}
	// They come in the order of their commits, so nothing behind the first old one is looked at.
	for item, err := range r.Outbox(ctx, ledger.OutboxQuery{Rule: rule}) {
		if err != nil {
			return nil, err
		}
		if len(items) > 0 && items[0].Number != item.Number {
			add()
		}
		if len(found) == n || item.Committed.Before(since) {
			break
		}
		items = append(items, item)
	}
	if len(found) < n {
		add()
	}
	return found, s.addressees(ctx, r, rule, found)
}

// mostAnswers is how many decisions are read to find out who was answered.
const mostAnswers = 2000

// addressees says of posts whom they answer: the history knows what each was made for.
func (s stateRef) addressees(ctx context.Context, r ledger.Reader, rule string, posts []post) error {
	if len(posts) == 0 {
		return nil
	}
	const before = time.Minute // A decision is dated when its signal is looked at, and stored when it is signed.
	since := posts[len(posts)-1].Made.Add(-before)
	all, err := r.History(ctx, engine.HistoryQuery{Rule: rule, Outcome: engine.Fired, Since: since, Limit: mostAnswers})
	if err != nil {
		return err
	}
	to := make(map[string]*person)
	for _, d := range all {
		for _, id := range d.Published {
			to[id] = personOf(d.About)
		}
	}
	for i := range posts {
		posts[i].To = to[posts[i].ID]
	}
	return nil
}

// made reads what a decision has published, as far as it is remembered.
func (s stateRef) made(ctx context.Context, r ledger.Reader, d engine.Decision) (all []post, err error) {
	for _, id := range d.Published {
		var items []ledger.Item
		for item, err := range r.Outbox(ctx, ledger.OutboxQuery{Event: id}) {
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		if len(items) > 0 {
			all = append(all, s.newPost(items))
		}
	}
	return all, nil
}
