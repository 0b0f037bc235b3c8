package feed

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"rhea/engine"
	"rhea/engine/web"
	"rhea/triggers/cron"
)

var _ engine.Adviser = Config{}

// politeInterval is how often a stranger's server may be asked without anybody minding.
const politeInterval = 5 * time.Minute

// Advise implements [engine.Adviser].
func (c Config) Advise() error {
	var advice []error
	if message, hint := cron.OddZone(c.Timezone); message != "" {
		advice = append(advice, engine.At("timezone", &engine.Advice{Code: "no-summer-time", Message: message, Hint: hint}))
	}
	if c.AllowPrivate {
		return errors.Join(advice...)
	}
	if d := c.Interval.shortest(); d != 0 && d < politeInterval {
		advice = append(advice, engine.At("interval", &engine.Advice{
			Code:    "too-often",
			Message: fmt.Sprintf("every %s is often for a feed: servers block programs that ask them so much", engine.Duration(d)),
			Hint:    "write 15m or more, or auto, which asks busy feeds more often",
		}))
	}
	advice = append(advice, adviseAddress("url", c.URL), adviseAddress("opml", c.OPML))
	for i, u := range c.URLs {
		advice = append(advice, adviseAddress(fmt.Sprintf("urls.%d", i), u))
	}
	return errors.Join(advice...)
}

// adviseAddress warns about an address in one's own network, which is not read unless that is allowed.
func adviseAddress(path, address string) error {
	u, err := url.Parse(address)
	if err != nil || !isWeb(address) {
		return nil
	}
	kind := web.Private(u.Hostname())
	if kind == "" {
		return nil
	}
	return engine.At(path, &engine.Advice{
		Code:    "private-address",
		Message: fmt.Sprintf("%s is a %s address, which is not asked: this feed is never read", u.Hostname(), kind),
		Hint:    "add allow_private: true if you mean your own network",
	})
}
