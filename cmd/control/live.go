package control

import (
	"time"
)

// LiveStatus is what only a running bot knows.
type LiveStatus struct {
	BotStatus

	Links []LinkStatus `json:"links"`
	// Health is what is wrong, the worst first.
	Health []Ailment `json:"health"`
}

// BotStatus is which bot runs.
type BotStatus struct {
	PID     int       `json:"pid"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
}

// LinkStatus is one connection to a relay.
type LinkStatus struct {
	Relay   string     `json:"relay"`
	Up      bool       `json:"up"`
	Failure string     `json:"failure,omitempty"`
	Next    *time.Time `json:"next,omitempty"`
	Gap     string     `json:"gap,omitempty"`
	// Queries counts those that the connection is for, and Refused are those of them that the relay does not serve.
	Queries int            `json:"queries"`
	Refused []RefusedQuery `json:"refused,omitempty"`
}

// RefusedQuery is a query of a rule's trigger that a relay does not serve.
type RefusedQuery struct {
	Query  string    `json:"query"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Ailment is one thing that is wrong with a running bot.
type Ailment struct {
	Rule  string    `json:"rule,omitempty"`
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	// Fatal says that the bot does not do what it is for: healthcheck fails.
	Fatal bool `json:"fatal"`
}

// String is the ailment in words.
func (a Ailment) String() string {
	if a.Rule != "" {
		return a.Rule + " " + a.Text
	}
	return a.Text
}
