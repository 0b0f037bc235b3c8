package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"rhea/engine/reference"
)

// hexMembers are the members that hold 64 hex characters, as the protocol has them.
var hexMembers = map[string]bool{
	"event.id": true, "event.pubkey": true, "event.parent_id": true, "event.root_id": true, "event.mentions": true,
	"parent.id": true, "parent.pubkey": true, "parent.parent_id": true, "parent.root_id": true, "parent.mentions": true,
	"author.pubkey": true, "bot.pubkey": true,
}

// neverEqual finds a comparison of hex characters with npub1… and the like: nothing is ever equal to those.
func neverEqual(n *ast.BinaryNode) Findings {
	if !slices.Contains([]string{"==", "!=", "in", "contains", "startsWith"}, n.Operator) {
		return nil
	}
	for _, sides := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		name, text := sides[0], bech32(sides[1])
		if text == nil || !isHex(name) {
			continue
		}
		prefix, _, _ := strings.Cut(strings.TrimPrefix(text.Value, "nostr:"), "1")
		return Findings{{
			Code: CodeNever, Offset: text.Location().From,
			Message: name.String() + " holds 64 hex characters, never " + prefix + "1…",
			Hint:    `put hex(…) around the name: hex("` + prefix + `1…")`,
		}}
	}
	return nil
}

// bech32 returns the text, of one or of a list, that is a name of a person or an event; nil for none.
func bech32(node ast.Node) *ast.StringNode {
	switch n := node.(type) {
	case *ast.StringNode:
		text := strings.TrimPrefix(n.Value, "nostr:")
		for _, prefix := range []string{"npub1", "nprofile1", "note1", "nevent1"} {
			if strings.HasPrefix(text, prefix) {
				return n
			}
		}
	case *ast.ArrayNode:
		for _, e := range n.Nodes {
			if s, ok := e.(*ast.StringNode); ok && bech32(s) != nil {
				return s
			}
		}
	}
	return nil
}

// isHex reports whether a node holds the protocol's names of people or events, or a list of them.
func isHex(node ast.Node) bool {
	if p, ok := path(node); ok {
		return hexMembers[p]
	}
	call, ok := node.(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 {
		return false
	}
	callee, ok := call.Callee.(*ast.MemberNode)
	tag, isText := call.Arguments[0].(*ast.StringNode)
	if !ok || !isText || !slices.Contains([]string{"p", "P", "e", "E"}, tag.Value) {
		return false
	}
	p, _ := path(callee)
	return strings.HasSuffix(p, ".tag") || strings.HasSuffix(p, ".tags_of")
}

// misnamed checks the name of a person or an event that is known beforehand.
func misnamed(function string, arguments []ast.Node) Findings {
	if len(arguments) != 1 {
		return nil
	}
	s, ok := arguments[0].(*ast.StringNode)
	if !ok {
		return nil
	}
	var err error
	switch function {
	case "mention", "npub", "nprofile":
		_, err = reference.Npub(s.Value)
	case "hex":
		_, err = reference.Parse(s.Value)
	}
	if err == nil {
		return nil
	}
	return Findings{{Code: CodeType, Offset: s.Location().From, Message: function + ": " + err.Error()}}
}
