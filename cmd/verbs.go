package cmd

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// unknownVerb is what cobra says about a verb that is none.
var unknownVerb = regexp.MustCompile(`^unknown command "([^"]*)" for "rhea"`)

// verbHint says what to write for a verb of other programs, or for a slip; "" when the error is another one.
func verbHint(root *cobra.Command, err error) string {
	m := unknownVerb.FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	if hint := foreignVerb(strings.ToLower(m[1])); hint != "" {
		return hint
	}
	if near := root.SuggestionsFor(m[1]); len(near) > 0 {
		return "Did you mean `rhea " + near[0] + "`?"
	}
	return ""
}

// foreignVerb says what to write for what other programs call otherwise.
func foreignVerb(word string) string {
	switch word {
	case "start", "serve", "up", "launch", "daemon", "exec":
		return "Start the bot with `rhea run`."
	case "stop", "down", "kill", "quit", "shutdown", "exit":
		return "Stop the bot with Ctrl-C, or with SIGTERM as systemctl stop does; `rhea hold RULE` stops one rule."
	case "pause", "disable", "suspend", "mute":
		return "Stop one rule with `rhea hold RULE`, until `rhea resume RULE`."
	case "unpause", "enable", "continue", "unhold", "release":
		return "Let a rule go on with `rhea resume RULE`."
	case "logs", "log", "tail", "events", "watch":
		return "See what the bot does with `rhea history --follow`."
	case "reload", "restart", "refresh":
		return "Stop the bot and `rhea run` it again: nothing is lost or doubled. `rhea check` looks at the file before."
	case "validate", "lint", "verify", "config", "configtest":
		return "Look for mistakes with `rhea check`."
	case "ps", "info", "state", "health", "ping", "stats":
		return "See how the bot is with `rhea status`."
	case "queue", "pending", "deliveries":
		return "See what relays are owed with `rhea outbox`."
	case "why", "debug", "trace":
		return "See why a rule fires or not with `rhea explain`."
	case "keygen", "genkey", "generate", "keys":
		return "Make a key with `rhea key new`."
	case "new", "create", "setup", "bootstrap", "scaffold":
		return "Write a first configuration with `rhea init`."
	case "docs", "doc", "reference", "functions", "actions", "triggers", "variables":
		return "See what a configuration may use with `rhea list`."
	case "repl", "expr", "evaluate", "console":
		return "Try an expression with `rhea eval`."
	case "dry-run", "dryrun", "simulate", "sandbox":
		return "Try the bot with `rhea run --dry-run` or `rhea run --sandbox`."
	case "delete", "remove", "revert", "unpublish":
		return "Take back what a rule has published with `rhea undo`."
	case "retry", "replay", "redo":
		return "Run again what failed with `rhea rerun`."
	case "tests", "spec":
		return "Run the tests of the rules with `rhea test`."
	case "try", "example", "tour":
		return "See a whole bot at work with `rhea demo`."
	}
	return ""
}
