package control

import (
	"time"
)

// LiveStatus is the part of a bot's status that only the running process knows.
type LiveStatus struct {
	BotStatus

	// Identities are those of the configuration that runs.
	Identities []LiveIdentity `json:"identities"`
	Links      []LinkStatus   `json:"links"`
	// Health holds what is wrong, the worst first.
	Health []Alert `json:"health"`
}

// BotStatus names the running process.
type BotStatus struct {
	PID     int       `json:"pid"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
}

// LiveIdentity is one that the running bot can sign as.
type LiveIdentity struct {
	Name   string `json:"name"`
	Pubkey string `json:"pubkey"`
}

// LinkStatus is one connection to a relay.
type LinkStatus struct {
	Relay   string     `json:"relay"`
	Up      bool       `json:"up"`
	Failure string     `json:"failure,omitempty"`
	Next    *time.Time `json:"next,omitempty"`
	Gap     string     `json:"gap,omitempty"`
	// Queries is how many queries use the connection, and Refused are those that the relay does not serve.
	Queries int            `json:"queries"`
	Refused []RefusedQuery `json:"refused,omitempty"`
}

// RefusedQuery is a query of a rule's trigger that a relay does not serve.
type RefusedQuery struct {
	Query  string    `json:"query"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Alert is one thing that is wrong with a running bot.
type Alert struct {
	Rule  string    `json:"rule,omitempty"`
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	// Fatal makes the health check fail.
	Fatal bool `json:"fatal"`
}

// String returns the alert as one text.
func (a Alert) String() string {
	if a.Rule != "" {
		return a.Rule + " " + a.Text
	}
	return a.Text
}
