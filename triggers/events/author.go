package events

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"rhea/engine"
	"rhea/engine/lookup"
	"rhea/engine/reference"
	"rhea/engine/text"
)

// Author is the writer of an event as expressions see it. What a profile (kind 0) does not say, or what could not
// be fetched in time, is nil.
type Author struct {
	// Pubkey is the public key, 64 hex characters.
	Pubkey string `expr:"pubkey"`
	// Name is the short name of the profile, on one line of at most 100 characters.
	Name *string `expr:"name"`
	// DisplayName is the longer, free name, on one line of at most 100 characters.
	DisplayName *string `expr:"display_name"`
	// Nip05 is the name at a domain that the profile claims; it is not checked.
	Nip05 *string `expr:"nip05"`
	// About is what the profile says of its owner.
	About *string `expr:"about" words:"free"`
	// Picture is the address of an image.
	Picture *string `expr:"picture"`
	// Lud16 is the lightning address.
	Lud16 *string `expr:"lud16"`
	// Bot says that the profile calls itself automated (NIP-24).
	Bot bool `expr:"bot"`
}

// Npub returns the public key as people write it (NIP-19).
func (a *Author) Npub() string {
	npub, err := reference.Npub(a.Pubkey)
	if err != nil {
		return ""
	}
	return npub
}

// read takes over what a profile says. Profiles are written by anybody: a field of a wrong type is
// as good as absent and does not spoil the others.
func (a *Author) read(profile engine.Profile) {
	a.Bot = profile.Bot
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(profile.Content), &fields) != nil {
		return
	}
	a.Name = oneLineOf(profileText(fields, "name", "username"), maxName)
	a.DisplayName = oneLineOf(profileText(fields, "display_name", "displayName"), maxName)
	a.Nip05 = oneLineOf(profileText(fields, "nip05"), longAddress)
	a.About = profileText(fields, "about")
	a.Picture = profileText(fields, "picture")
	a.Lud16 = oneLineOf(profileText(fields, "lud16"), longAddress)
}

// What fits on one line, in characters.
const (
	maxName     = 100
	longAddress = 320
)

// oneLineOf keeps what is meant to be short from being a page of its own.
func oneLineOf(s *string, most int) *string {
	if s == nil {
		return nil
	}
	line := text.Line(*s, most)
	if line == "" {
		return nil
	}
	return &line
}

// profileText returns the first of the fields that holds a text with something in it; the later names are
// deprecated spellings (NIP-24).
func profileText(fields map[string]json.RawMessage, names ...string) *string {
	for _, name := range names {
		var value string
		if json.Unmarshal(fields[name], &value) == nil && strings.TrimSpace(value) != "" {
			return &value
		}
	}
	return nil
}

// lookupDeadline is how long a signal waits for what only some rules name.
const lookupDeadline = 3 * time.Second

// profiles fills in what authors say of themselves.
type profiles struct{ known engine.Profiles }

func newProfiles(s *engine.Setup) profiles {
	if s.Profiles != nil {
		return profiles{s.Profiles}
	}
	return profiles{lookup.NewProfiles(s.Source, s.Relays)}
}

// wantsProfile reports whether a rule names anything of the author that only a profile can tell.
func wantsProfile(s *engine.Setup) bool {
	if s.Uses == nil {
		return false
	}
	for _, field := range []string{"name", "display_name", "nip05", "about", "picture", "lud16", "bot"} {
		if s.Uses("author." + field) {
			return true
		}
	}
	return s.Uses("author")
}

// fill completes a with the newest profile. It waits a few seconds at most; what it cannot get stays absent.
func (p profiles) fill(ctx context.Context, a *Author) {
	if profile, found, _ := p.known.Find(ctx, a.Pubkey, lookupDeadline); found {
		a.read(profile)
	}
}
