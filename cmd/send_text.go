package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"golang.org/x/term"

	"rhea/engine"
)

// sendOptions are the flags of send.
type sendOptions struct {
	output
	identity, replyTo              string
	keyEnv, keyFile, passphraseEnv string
	key                            string
	kind                           int
	tags, relays                   []string
	replace, dryRun                bool
	quorum                         int
	timeout                        time.Duration
}

// written reads what is to be sent: the text, its kind and its tags.
func (a *app) written(args []string, o *sendOptions, kindSet bool) (message, error) {
	m := message{kind: o.kind, answers: o.replyTo}
	if o.key != "" {
		return m, usage("a key on the command line can be read by everybody on this machine, and stays in the shell's history; " +
			"put it into a file and name that with --key-file, or into a variable and name that with --key-env")
	}
	if o.replyTo != "" && kindSet {
		return m, usage("--kind goes without --reply-to: the kind of a reply follows from what it answers")
	}
	for _, text := range o.tags {
		tag, err := parseTag(text)
		if err != nil {
			return m, err
		}
		m.tags = append(m.tags, tag)
	}
	if err := m.sendable(o.replace); err != nil {
		return m, err
	}
	if o.quorum < 1 || o.timeout <= 0 {
		return m, usage("--quorum and --timeout: write 1 or more")
	}
	text, err := a.textOf(args)
	if err != nil {
		return m, err
	}
	if strings.TrimSpace(text) == "" && m.kind == nostr.KindTextNote {
		return m, usage("there is nothing to send: the text is empty")
	}
	m.content = text
	return m, nil
}

// holdsKey refuses what holds a key that is known, or looks like one.
func (a *app) holdsKey(m message) error {
	parts := []string{m.content}
	for _, tag := range m.tags {
		parts = append(parts, tag...)
	}
	text := strings.Join(parts, " ")
	if a.secrets.Redact(text) != text {
		return usage("the text holds what looks like a secret key; nothing was sent. If others could see it, make a new key")
	}
	return nil
}

// textOf is the text in the arguments, or that of the standard input.
func (a *app) textOf(args []string) (string, error) {
	text := strings.Join(args, " ")
	if len(args) > 0 && text != "-" {
		return text, nil
	}
	if f, ok := a.In.(*os.File); ok && len(args) == 0 && term.IsTerminal(int(f.Fd())) {
		return "", usage("there is nothing to send: write a text, or - to type it until the end of the input")
	}
	read, err := io.ReadAll(io.LimitReader(a.In, engine.MaxEventBytes+1))
	if err != nil {
		return "", failed(fmt.Errorf("reading the text: %w", err))
	}
	if len(read) > engine.MaxEventBytes {
		return "", usage("the input has more than %d KiB, which no relay takes", engine.MaxEventBytes>>10)
	}
	if text = strings.TrimRight(string(read), "\r\n"); text == "" && len(args) == 0 {
		return "", usage("there is nothing to send: the input is empty. Write a text")
	}
	return text, nil
}

// sendable refuses kinds that lose or give away something when they are sent as plain text.
func (m message) sendable(replace bool) error {
	switch kind := m.kind; kind {
	case nostr.KindEncryptedDirectMessage, nostr.KindSeal, nostr.KindDirectMessage, 15, nostr.KindGiftWrap:
		return usage("--kind %d is for private messages, and everybody could read this one; nothing was sent", kind)
	case nostr.KindClientAuthentication:
		return usage("--kind %d proves to a relay who one is, and must not be published", kind)
	}
	named := slices.ContainsFunc(m.tags, func(tag []string) bool { return len(tag) > 1 && tag[0] == "d" })
	switch {
	case m.kind < 0 || m.kind > engine.MaxKind:
		return usage("--kind: write a number from 0 to %d", engine.MaxKind)
	case nostr.IsReplaceableKind(m.kind) && !replace:
		return usage("--kind %d: only the newest event of it counts, so this one would replace all that the one before says; "+
			"say --replace if that is meant", m.kind)
	case nostr.IsAddressableKind(m.kind) && !named:
		return usage("--kind %d: give it a name by which it can be replaced: --tag d=NAME", m.kind)
	}
	return nil
}

// parseTag reads a tag, as name=value or as JSON.
func parseTag(text string) ([]string, error) {
	var tag []string
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		if json.Unmarshal([]byte(text), &tag) != nil || len(tag) == 0 || tag[0] == "" {
			return nil, usage("--tag: %s is no tag; write name=value, or texts as JSON: [\"e\", \"id\", \"wss://relay.example\"]", text)
		}
		return tag, nil
	}
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return nil, usage("--tag: %q is no tag; write name=value, such as t=nostr", text)
	}
	return []string{name, value}, nil
}
