package relay

import (
	"testing"

	"github.com/coder/websocket"
	"github.com/fiatjaf/khatru"
)

func TestProbe(t *testing.T) {
	r := khatru.NewRelay()
	_ = r
	_ = websocket.MessageText
}
