// Package text turns strangers' HTML and words into text fit for a note.
//
// It may use nothing of ours.
//
// HTML is read as a stream of tags, never as a tree: a small document can make an HTML parser build a huge tree, and
// since x/net 0.45 the parser refuses documents that nest deeper than 512, of which users want the text too. [Plain] and
// [Markdown] are written from the same balanced stream, so whatever comes in, the work is linear, at most 2 MiB are read,
// and nothing nests deeper than a person would write.
package text
