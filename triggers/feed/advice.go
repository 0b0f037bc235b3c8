package feed

import (
	"fmt"
	"time"

	"rhea/engine"
)

var (
	_ engine.Adviser = Config{}
)

// politeInterval is how often a stranger's server may be asked without anybody minding.
const politeInterval = 5 * time.Minute

// Advise implements [engine.Adviser].
func (c Config) Advise() error {
	d := c.Interval.shortest()
	if c.AllowPrivate || d == 0 || d >= politeInterval {
		return nil
	}
	return engine.At("interval", &engine.Advice{
		Code:    "too-often",
		Message: fmt.Sprintf("every %s is often for a feed: servers block programs that ask them so much", engine.Duration(d)),
		Hint:    "write 15m or more, or auto, which asks busy feeds more often",
	})
}
