// Package cron computes the times of cron expressions by the clock on a wall: what a clock change skips happens right
// after it, what it repeats happens once.
//
// It knows neither rules nor signals and imports nothing of ours. [Parse] reads an expression into [Fields], which count
// in seconds on a wall in Greenwich, where no clock is ever set; a [Plan] puts them into a zone. The library reads the
// syntax only.
//
//	text ─ Parse ─▶ Fields ─ Plan{Fields, Zone}.Next ─▶ instant
//
// # Decisions
//
// Where a zone's clocks skip a planned time, the instant of the change stands for it; what they repeat counts once. A
// test compares this with a clock that is watched minute by minute, in all zones: "go test ./triggers/cron -run Walk
// -walks 600" compares some 360 000 plans. Would change: people who want both of the repeated times.
package cron
