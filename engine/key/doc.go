// Package key signs, and never shows a key.
//
// It may use the contract alone.
//
// [OpenAll] follows the references of a configuration to an environment variable, a file, a systemd credential or
// another identity's key, and returns a [Signer] for each. Keys are written as nsec (NIP-19), as 64 hex characters, or
// locked with a passphrase as ncryptsec (NIP-49).
//
// From then on a key lives only inside its signer's functions, where no print, dump or log reaches it; on the way
// there it is an engine.Secret. No error repeats what might be a key, not even one that stands where a name belongs.
package key
