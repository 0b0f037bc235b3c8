package bot

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

// introduce puts what a derived identity says about itself before what it says, when that has changed, and remembers
// the identity. One that says nothing is not introduced.
func (r *runner) introduce(ctx context.Context, t *trial) error {
	if !t.speaks() {
		return nil
	}
	pubkey := t.identity.Signer.PublicKey()
	t.remember = append(t.remember, identity.Origin{Base: r.rule.Identity, Path: t.path}.Position(pubkey))
	if r.rule.Derived.Profile == nil {
		return nil
	}
	scope := engine.ScopeOf(t.Data)
	scope.Bot = r.bot(t.identity)
	scope.ForgetMentions()
	content, err := profile(r.rule.Derived.Profile, t.Data, r.engine.secrets)
	if err != nil {
		return err
	}
	scope.ForgetMentions() // A profile tags nobody.
	hash := sha256.Sum256([]byte(content))
	now := engine.Position{Stream: profileStream(pubkey), Value: hex.EncodeToString(hash[:])}
	before, err := r.ledger.Position(ctx, now.Stream)
	if err != nil {
		return fmt.Errorf("looking up the profile: %w", err)
	}
	if before == now.Value {
		return nil
	}
	to := targets{relays: r.rule.Relays, outbox: r.rule.Outbox, lists: r.engine.RelayLists}
	made, owed, err := r.sign(ctx, t, []engine.Draft{{Kind: nostr.KindProfileMetadata, Content: content}}, t.identity, to)
	if err != nil {
		return err
	}
	t.events, t.owed = append(made, t.events...), append(owed, t.owed...)
	t.remember = append(t.remember, now)
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
