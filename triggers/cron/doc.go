// Package cron computes the times of cron expressions by the clock on a wall: what a clock change skips happens right
// after it, what it repeats happens once.
//
// It knows neither rules nor signals and imports nothing of ours. [Parse] reads an expression into [Fields], which count
// in seconds on a wall in Greenwich, where no clock is ever set; a [Plan] puts them into a zone. The library reads the
// syntax only.
//
//	text ─ Parse ─▶ Fields ─ Plan{Fields, Zone}.Next ─▶ instant
package cron
