package relay_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
)

// reciter is a relay that answers the first REQ with EOSE and then says these events. It speaks just enough websocket
// (RFC 6455) for that, so that it costs next to nothing itself.
func reciter(b *testing.B, events []string) (url string) {
	b.Helper()
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	rests := make([]string, len(events))
	for i, event := range events {
		if rests[i] = "," + event + "]"; i > 0 && event == events[i-1] {
			rests[i] = rests[i-1]
		}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // The benchmark is over.
			}
			go recite(conn, rests)
		}
	}()
	return "ws://" + l.Addr().String()
}

// recite serves one connection; what it says of each event is what follows the id of the subscription.
func recite(conn net.Conn, events []string) {
	defer func() { _ = conn.Close() }()
	in, out := bufio.NewReader(conn), bufio.NewWriterSize(conn, 256<<10)
	var key string
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = in.ReadString('\n'); err != nil {
			return
		}
		_, _ = fmt.Sscanf(line, "Sec-Websocket-Key: %s", &key) // Other headers do not matter.
		_, _ = fmt.Sscanf(line, "Sec-WebSocket-Key: %s", &key)
	}
	accept := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(accept[:]))
	if out.Flush() != nil {
		return
	}
	id, err := firstREQ(in)
	if err != nil {
		return
	}
	say := func(label, rest string) {
		_ = out.WriteByte(0x81) // Flush tells whether writing failed.
		if length := len(label) + len(id) + len(rest); length < 126 {
			_ = out.WriteByte(byte(length))
		} else {
			_, _ = out.Write(binary.BigEndian.AppendUint16(append(out.AvailableBuffer(), 126), uint16(length)))
		}
		_, _ = out.WriteString(label)
		_, _ = out.WriteString(id)
		_, _ = out.WriteString(rest)
	}
	say(`["EOSE",`, `]`)
	for _, event := range events {
		say(`["EVENT",`, event)
	}
	if out.Flush() == nil {
		_, _ = io.Copy(io.Discard, in)
	}
}

// firstREQ reads one masked message and returns the id of its subscription, with its quotes.
func firstREQ(in io.Reader) (id string, err error) {
	var head [8]byte
	if _, err = io.ReadFull(in, head[:2]); err != nil {
		return "", err
	}
	length := int(head[1] & 0x7f)
	if length == 126 {
		if _, err = io.ReadFull(in, head[:2]); err != nil {
			return "", err
		}
		length = int(binary.BigEndian.Uint16(head[:2]))
	}
	var mask [4]byte
	message := make([]byte, length)
	if _, err = io.ReadFull(in, mask[:]); err == nil {
		_, err = io.ReadFull(in, message)
	}
	for i := range message {
		message[i] ^= mask[i%4]
	}
	if err != nil || len(message) < 10 {
		return "", io.ErrUnexpectedEOF
	}
	end := 8
	for end < len(message) && message[end] != '"' {
		end++
	}
	return string(message[7 : end+1]), err
}

// BenchmarkSocket reads duplicates of one event from a socket of the loopback, the relay's side included.
func BenchmarkSocket(b *testing.B) {
	const copies = 20_000
	same, last := note(b, "an ordinary note, as long as such notes are, with \"quotes\" and a\nline break"), note(b, "last")
	run := func(name string, read func(url string)) {
		b.Run(name, func(b *testing.B) {
			url := reciter(b, append(slices.Repeat([]string{eventJSON(b, same)}, copies), eventJSON(b, last)))
			for b.Loop() {
				read(url)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*copies), "µs/frame")
		})
	}
	run("duplicates", func(url string) {
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		defer cancel()
		n := relay.New(relay.Options{Positions: newPositions()})
		wait, err := n.Subscribe(ctx, engine.Query{Stream: "bench", Relays: []string{url}, Filters: nostr.Filters{{Kinds: []int{1}}}},
			func(_ context.Context, r engine.Received) error {
				if r.Event.ID == last.ID {
					cancel()
				}
				return nil
			})
		if err != nil {
			b.Fatal(err)
		}
		wait()
		if err := n.Close(); err != nil {
			b.Fatal(err)
		}
	})
	run("baseline go-nostr", func(url string) {
		r, err := nostr.RelayConnect(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		sub, err := r.Subscribe(b.Context(), nostr.Filters{{Kinds: []int{1}}})
		if err != nil {
			b.Fatal(err)
		}
		for e := range sub.Events {
			if e.ID == last.ID {
				break
			}
		}
		sub.Unsub()
		_ = r.Close() // It is over.
	})
}
