package cmd

import (
	"slices"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/profile"
)

// profileRules are the rules by which identities say who they are.
func profileRules(file *config.File) []engine.Rule {
	var ids []profile.Identity
	for _, id := range file.Identities {
		relays := slices.Concat(file.RelaySets["default"], id.Outbox)
		slices.Sort(relays)
		ids = append(ids, profile.Identity{
			Name: id.Name, Fields: profileFields(id.Profile), Inbox: id.Inbox, Outbox: id.Outbox, DMRelays: id.DMRelays,
			Relays: slices.Compact(relays), PoW: file.PoW,
		})
	}
	return profile.Rules(ids)
}

// profileFields are what a profile says, by the names of kind 0; what the configuration leaves out is left alone.
func profileFields(p *config.Profile) map[string]any {
	if p == nil {
		return nil
	}
	fields := map[string]any{"bot": p.Bot}
	for name, text := range map[string]string{
		"name": p.Name, "display_name": p.DisplayName, "about": p.About, "picture": p.Picture, "banner": p.Banner,
		"website": p.Website, "nip05": p.NIP05, "lud16": p.LUD16,
	} {
		if text != "" {
			fields[name] = text
		}
	}
	return fields
}
