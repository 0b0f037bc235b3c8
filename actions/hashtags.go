package actions

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/text"
)

// maxHashtags keeps an event out of the spam filters that count them.
const maxHashtags = 32

// addHashtags adds the t tags, lower case as readers search for them.
func (p Post) addHashtags(d *engine.Draft, run engine.Run) error {
	words, err := p.Hashtags.Eval(run.Data)
	if err != nil {
		return err
	}
	var hashtags []string
	for _, w := range words {
		hashtags = append(hashtags, text.Hashtag(w))
	}
	if isPlainText(d.Kind) {
		hashtags = append(hashtags, text.Hashtags(d.Content)...)
	}
	added := 0
	for _, h := range hashtags {
		if h == "" || len(h) > maxTagValue || hasTag(d.Tags, "t", h) {
			continue
		}
		if added++; added > maxHashtags {
			break
		}
		d.Tags = append(d.Tags, nostr.Tag{"t", h})
	}
	return nil
}
