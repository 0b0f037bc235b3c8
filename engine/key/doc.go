// Package key signs, and never shows a key.
package key
