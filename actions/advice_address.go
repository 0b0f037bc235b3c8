package actions

import (
	"fmt"
	"net/url"
	"strings"

	"rhea/engine"
	"rhea/engine/web"
)

// Advise implements [engine.Adviser].
func (c HTTPConfig) Advise() error {
	host := knownHost(c.URL.Source())
	kind := web.Private(host)
	if c.AllowPrivate || kind == "" {
		return nil
	}
	return engine.At("url", &engine.Advice{
		Code:    "private-address",
		Message: fmt.Sprintf("%s is a %s address, which is not called: this action always fails", host, kind),
		Hint:    "add allow_private: true if you mean your own network",
	})
}

// knownHost is the host of an address when it is whole before the first expression or variable in it; "" otherwise.
func knownHost(address string) string {
	known, _, more := strings.Cut(address, "$")
	u, err := url.Parse(known)
	if err != nil || more && u.Path == "" && u.RawQuery == "" {
		return ""
	}
	return u.Hostname()
}
