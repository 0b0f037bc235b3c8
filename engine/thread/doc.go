// Package thread knows who answers whom (NIP-10, NIP-18, NIP-22, NIP-28).
package thread
