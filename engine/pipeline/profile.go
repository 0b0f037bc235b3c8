package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/identity"
)

// What a profile may hold: a feed may say anything about itself.
const (
	maxProfileName    = 100
	maxProfileText    = 1000
	maxProfileAddress = 2048
)

// profileStream names the position with the hash of what an identity last published about itself.
func profileStream(pubkey string) string { return "profile/" + pubkey }

// publishProfile puts what a derived identity says about itself before what it says, when that has changed, and remembers
// the identity. One that says nothing gets no profile.
func (p *Pipeline) publishProfile(ctx context.Context, a *attempt) error {
	if !a.speaks() {
		return nil
	}
	pubkey := a.As.Signer.PublicKey()
	a.remember = append(a.remember, identity.Origin{Base: p.opts.Rule.Identity, Path: a.Path}.Position(pubkey))
	if p.opts.Rule.Derived.Profile == nil {
		return nil
	}
	scope := engine.ScopeOf(a.Data)
	scope.Bot = botOf(a.As)
	scope.ForgetMentions()
	content, err := profile(p.opts.Rule.Derived.Profile, a.Data, p.opts.Secrets)
	if err != nil {
		return err
	}
	scope.ForgetMentions() // A profile tags nobody.
	hash := sha256.Sum256([]byte(content))
	now := engine.Position{Stream: profileStream(pubkey), Value: hex.EncodeToString(hash[:])}
	before, err := p.opts.Ledger.Position(ctx, now.Stream)
	if err != nil {
		return fmt.Errorf("looking up the profile: %w", err)
	}
	if before == now.Value {
		return nil
	}
	to := targets{relays: p.opts.Rule.Relays, outbox: p.opts.Rule.Outbox, lists: p.opts.RelayLists}
	made, owed, err := p.sign(ctx, a, []engine.Draft{{Kind: nostr.KindProfileMetadata, Content: content}}, a.As, to)
	if err != nil {
		return err
	}
	a.events, a.owed = append(made, a.events...), append(owed, a.owed...)
	a.remember = append(a.remember, now)
	return nil
}

// profile is the content of a kind 0 event (NIP-01, NIP-24).
func profile(fields []engine.ProfileField, data engine.Data, secrets *engine.Redactor) (string, error) {
	says := map[string]any{"bot": true}
	for _, f := range fields {
		text, err := f.Text.Eval(data)
		if err != nil {
			return "", fmt.Errorf("%s: %w", f.Name, err)
		}
		if text = profileText(f.Name, secrets.Redact(engine.Clean(text))); text != "" {
			says[f.Name] = text
		}
	}
	content, err := json.Marshal(says)
	if err != nil {
		return "", fmt.Errorf("writing the profile: %w", err)
	}
	return string(content), nil
}

// profileText bounds what one field says. A text is cut; an address that cannot be used is left out.
func profileText(field, text string) string {
	text = strings.TrimSpace(text)
	most := maxProfileText
	switch field {
	case "name", "display_name":
		most = maxProfileName
	case "picture", "banner", "website":
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(text) > maxProfileAddress {
			return ""
		}
		return text
	}
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}
