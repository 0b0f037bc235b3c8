package cmd

import (
	"context"
	"regexp"
	"strings"

	"rhea/engine/ledger"
)

// relayQuery is a relay's address with a query, as it stands in a text.
var relayQuery = regexp.MustCompile("(?i)wss?://[^\\s\"<>`\\\\?\\x00-\\x1f]*\\?(?:[^\\s\"<>`\\\\\\x00-\\x1f]|\\\\u0026)+")

// hideTokens writes the values in the queries of relays' addresses as …: services take tokens there. It does so wherever
// an address stands in a text, because errors, reasons and strangers repeat them.
func hideTokens(s string) string {
	if !strings.Contains(s, "?") {
		return s
	}
	return relayQuery.ReplaceAllStringFunc(s, func(address string) string {
		before, query, _ := strings.Cut(address, "?")
		told := strings.TrimRight(query, `.,:;'()[]{}`)
		values := strings.Split(strings.ReplaceAll(told, `\u0026`, "&"), "&") // JSON has its own &.
		for i, v := range values {
			name, _, named := strings.Cut(v, "=")
			if named {
				values[i] = name + "=…"
			} else if v != "" {
				values[i] = "…"
			}
		}
		return before + "?" + strings.Join(values, "&") + query[len(told):]
	})
}

// meant returns the relay of the state that is shown as an address is: people copy what they see.
func meant(ctx context.Context, r ledger.Reader, shown string) (string, error) {
	if !strings.Contains(shown, "…") {
		return shown, nil
	}
	relays, err := r.RelayReports(ctx)
	if err != nil {
		return "", err
	}
	found := shown
	for url := range relays {
		if hideTokens(url) != shown {
			continue
		}
		if found != shown {
			return "", usage("--relay: several relays are shown as %s; write the address in full", shown)
		}
		found = url
	}
	return found, nil
}
