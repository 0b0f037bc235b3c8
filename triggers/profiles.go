package triggers

import (
	"context"
	"time"

	"rhea/engine/lookup"

	"rhea/engine"
)

// lookupDeadline is how long a signal waits for what only some rules name.
const lookupDeadline = 3 * time.Second

// profiles fills in what authors say of themselves.
type profiles struct{ known engine.Profiles }

func newProfiles(s engine.Setup) profiles {
	if s.Profiles != nil {
		return profiles{s.Profiles}
	}
	return profiles{lookup.NewProfiles(s.Source, s.Relays)}
}

// wantsProfile reports whether a rule names anything of the author that only a profile can tell.
func wantsProfile(s engine.Setup) bool {
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
