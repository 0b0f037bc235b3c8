// Package triggers is the list of the triggers that ship with Rhea: what a rule can wait for, one line a kind.
//
// It may import the rooms below it, which hold the kinds, and the contract in engine. What listens on relays is in
// events; a schedule and a feed have rooms of their own and share the times of cron expressions. No room knows another
// one's kinds.
//
// A trigger keeps nothing on disk. What it must remember across restarts is the claim on each signal's key and the
// position of its stream, and both are stored by the engine.
package triggers
