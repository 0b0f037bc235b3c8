package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"rhea/cmd/control"
	"rhea/cmd/screen"
)

// findSandbox returns the sandbox that is meant: that of the configuration, or else the only one that runs unless the
// configuration was named.
func (a *app) findSandbox(ctx context.Context, named bool) (*control.Visit, error) {
	all, err := control.Sandboxes(ctx)
	if err != nil {
		return nil, failed(fmt.Errorf("looking for sandboxes: %w", err))
	}
	meant, err := a.chooseSandbox(ctx, all, named)
	for _, v := range all {
		if v != meant {
			err = errors.Join(err, v.Close())
		}
	}
	if err == nil && !isHere(meant.Relay) {
		err = failed(fmt.Errorf("the sandbox names the relay %s, which is not on this machine; nothing was said", meant.Relay))
	}
	return meant, err
}

func (a *app) chooseSandbox(ctx context.Context, all []*control.Visit, named bool) (*control.Visit, error) {
	wanted := absolute(a.paths)
	for _, v := range all { // The newest comes first.
		if slices.Equal(v.Configs, wanted) {
			return v, nil
		}
	}
	switch {
	case len(all) == 1 && !named:
		return all[0], nil
	case len(all) == 0:
		return nil, a.noSandbox(ctx)
	}
	lines := []string{fmt.Sprintf("no sandbox runs with %s; these do:", strings.Join(a.paths, " and "))}
	for _, v := range all {
		lines = append(lines, fmt.Sprintf("  %s, started %s (pid %d)", nameOfSandbox(v), screen.Ago(v.Started, time.Now()), v.PID))
	}
	return nil, failed(errors.New(strings.Join(lines, "\n") + "\nName one with -c, or end the others."))
}

// noSandbox says what to do when none runs, and what is wrong when the bot itself does.
func (a *app) noSandbox(ctx context.Context) error {
	if file, err := a.read(true); err == nil && file != nil {
		if live, err := control.Ask(ctx, statePath(file, "")); err == nil && live != nil {
			return failed(fmt.Errorf("the bot that runs here (pid %d) is no sandbox, and nothing is said on real relays. "+
				"Start `%s` in another terminal, or talk to the bot with a Nostr app", live.PID, a.verb("run --sandbox")))
		}
	}
	return failed(fmt.Errorf("no sandbox is running. Start one in another terminal, with `%s` or `rhea demo`", a.verb("run --sandbox")))
}

func nameOfSandbox(v *control.Visit) string {
	if len(v.Configs) == 0 {
		return "rhea demo"
	}
	return strings.Join(v.Configs, " ")
}

// isHere reports whether a relay's address is one of this machine by its number.
func isHere(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
