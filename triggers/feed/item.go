package feed

import (
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"rhea/engine"
	"rhea/engine/text"
)

// Data is what the expressions of a rule see when a feed has a new item.
type Data struct {
	engine.Scope

	// Item is the new item.
	Item *Item `expr:"item"`
	// Feed is where it stands.
	Feed *Feed `expr:"feed"`
}

var (
	_ engine.Proxied    = (*Data)(nil)
	_ engine.Referring  = (*Data)(nil)
	_ engine.Identified = (*Data)(nil)
	_ engine.Described  = (*Data)(nil)
	_ engine.Titled     = (*Data)(nil)
)

// Proxy returns what a proxy tag says of the item (NIP-48): the feed's address with the item's guid, and "rss".
func (d *Data) Proxy() (id, protocol string) {
	guid := d.Item.GUID
	if guid == "" {
		guid = d.Item.Link
	}
	if guid == "" {
		guid = hex.EncodeToString(d.Item.digest[:16])
	}
	return d.Feed.URL + "#" + strings.ReplaceAll(url.QueryEscape(guid), "+", "%20"), "rss"
}

// Reference returns the address of the item's page for an r tag, without the marks of campaigns.
func (d *Data) Reference() (address string, ok bool) {
	return untrackedLink(d.Item.Link), d.Item.Link != ""
}

// File returns what the item says about one of its files.
func (d *Data) File(address string) (mediaType string, size int) {
	for _, e := range d.Item.Enclosures {
		if e.URL == address {
			return e.Type, e.Length
		}
	}
	return "", 0
}

// Title returns what people know the item by.
func (d *Data) Title() (title string, ok bool) { return d.Item.Title, d.Item.Title != "" }

// Identity returns what the item is remembered by, and when it was published, if it says so.
func (d *Data) Identity() (key string, published time.Time) {
	return d.Item.key, d.Item.time()
}

// Feed is a feed as expressions see it. What the feed does not say is "".
type Feed struct {
	// Title is the feed's name in plain text.
	Title string `expr:"title"`
	// Link is the address of the site.
	Link string `expr:"link"`
	// URL is the address of the feed, without a password if it had one.
	URL string `expr:"url"`
	// Description is plain text.
	Description string `expr:"description"`
	// Image is the address of the feed's picture.
	Image string `expr:"image"`
	// Language is a code such as en or de-AT.
	Language string `expr:"language"`
}

// Item is an item of a feed as expressions see it. What the item does not say is "", or nil for times.
type Item struct {
	// GUID is what the feed calls the item by.
	GUID string `expr:"guid"`
	// Title is plain text on one line.
	Title string `expr:"title"`
	// Link is the absolute address of the item.
	Link string `expr:"link"`
	// Summary is as the feed has it, usually HTML.
	Summary string `expr:"summary"`
	// Content is as the feed has it, usually HTML.
	Content string `expr:"content"`
	// Author is the name of who wrote it.
	Author string `expr:"author"`
	// Categories are the item's categories or tags, in order, each once.
	Categories []string `expr:"categories"`
	// Published is when the item says it was published.
	Published *time.Time `expr:"published"`
	// Updated is when the item says it was changed.
	Updated *time.Time `expr:"updated"`
	// Image is the absolute address of the item's picture.
	Image string `expr:"image"`
	// Enclosures are the files that belong to the item.
	Enclosures []Enclosure `expr:"enclosures"`
	// UpdatedAgain says that the item was there before and has changed.
	UpdatedAgain bool `expr:"updated_again"`

	base   string
	key    string
	digest [32]byte
}

// Enclosure is a file that belongs to an item.
type Enclosure struct {
	// URL is the absolute address.
	URL string `expr:"url"`
	// Type is the media type, such as audio/mpeg.
	Type string `expr:"type"`
	// Length is the size in bytes, 0 if unknown.
	Length int `expr:"length"`
}

// Text returns the content, or the summary if there is none, as plain text fit for a note.
func (i *Item) Text() string { return text.Plain(i.html()) }

// Markdown returns the content, or the summary if there is none, as Markdown fit for an article.
func (i *Item) Markdown() string { return text.Markdown(i.html()) }

func (i *Item) html() string {
	html := i.Content
	if strings.TrimSpace(html) == "" {
		html = i.Summary
	}
	return text.Resolve(html, i.base)
}

// time returns when the item was published, or else changed; zero if it tells neither.
func (i *Item) time() time.Time {
	switch {
	case i.Published != nil:
		return *i.Published
	case i.Updated != nil:
		return *i.Updated
	}
	return time.Time{}
}

// storedItem is an item with what expressions do not see.
type storedItem struct {
	storedFields
	Base   string
	Key    string
	Digest []byte
}

type storedFields Item

// MarshalJSON writes down an item that waits.
func (i *Item) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedItem{storedFields(*i), i.base, i.key, i.digest[:]})
}

// UnmarshalJSON reads what [Item.MarshalJSON] wrote.
func (i *Item) UnmarshalJSON(text []byte) error {
	var s storedItem
	err := json.Unmarshal(text, &s)
	*i = Item(s.storedFields)
	i.base, i.key = s.Base, s.Key
	copy(i.digest[:], s.Digest)
	return err
}
