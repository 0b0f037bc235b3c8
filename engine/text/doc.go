// Package text turns strangers' HTML and words into text fit for a note.
package text
