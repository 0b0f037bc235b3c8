package actions

import (
	"log/slog"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// maxImages bounds the pictures of one event.
const maxImages = 20

// addImages puts the addresses below the content, because clients show only what is in it, and describes them in
// imeta tags (NIP-92). What is no web address is left out: a text without its picture beats no text.
func (p Post) addImages(d *engine.Draft, run engine.Run) error {
	images, err := p.Images.Eval(run.Data)
	if err != nil {
		return err
	}
	var below []string
	for _, image := range images[:min(len(images), maxImages)] {
		image = strings.TrimSpace(image)
		if image == "" {
			continue
		}
		if !isWebAddress(image) {
			run.Log.Warn("image left out: not an http or https address", slog.String("image", shown(image)))
			continue
		}
		if !containsWord(d.Content, image) && !containsWord(strings.Join(below, "\n"), image) {
			below = append(below, image)
		}
		if tag := imeta(image, run.Data); tag != nil {
			d.Tags = addTag(d.Tags, tag)
		}
	}
	d.Content = appendBlock(d.Content, strings.Join(below, "\n"))
	return nil
}

// imeta describes a picture by its feed's metadata, else by its name, nil when nothing is known.
func imeta(image string, data engine.Data) nostr.Tag {
	mediaType, size := "", 0
	if d, ok := data.(engine.Described); ok {
		mediaType, size = d.File(image)
	}
	if len(mediaType) > maxMediaType || !mediaForm.MatchString(mediaType) {
		mediaType = imageType(image)
	}
	tag := nostr.Tag{"imeta", "url " + image}
	if mediaType != "" {
		tag = append(tag, "m "+mediaType)
	}
	if size > 0 {
		tag = append(tag, "size "+strconv.Itoa(size))
	}
	if len(tag) == 2 {
		return nil
	}
	return tag
}

// mediaForm is a media type of something to look at or listen to, without parameters (RFC 6838).
var mediaForm = regexp.MustCompile(`^(image|video|audio)/[a-z0-9][a-z0-9.+-]*$`)

// maxMediaType is how long one may be. Counting in the pattern would make it sixty times as large.
const maxMediaType = 67

// isWebAddress reports whether s is one absolute http or https address.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(s, " \t\r\n")
}

// imageType guesses the media type from the file's name; "" when it cannot.
func imageType(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png", ".apng":
		return "image/png"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	case ".svg":
		return "image/svg+xml"
	case ".mp4":
		return "video/mp4"
	case ".webm":
		return "video/webm"
	}
	return ""
}

// appendBlock puts a paragraph below the content.
func appendBlock(content, block string) string {
	if content == "" || block == "" {
		return content + block
	}
	return content + "\n\n" + block
}

// containsWord reports whether word stands in s on its own, not as the beginning of a longer one.
func containsWord(s, word string) bool {
	for field := range strings.FieldsSeq(s) {
		if strings.Trim(field, `.,;:!?()[]<>"'`) == word || field == word {
			return true
		}
	}
	return false
}
