package text

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxImages caps what Images returns.
const maxImages = 100

// Images returns the http and https addresses of the images in html, in order, each once, at most a hundred.
// Tracking pixels and smileys are not counted.
func Images(html string) []string {
	found := images{}
	walk(html, &found)
	return found
}

type images []string

func (i *images) open(tag string, a attributes) {
	if tag != "img" || len(*i) >= maxImages {
		return
	}
	address, _ := picture(a)
	if address != "" && !slices.Contains(*i, address) {
		*i = append(*i, address)
	}
}

func (*images) close(string) {}
func (*images) text(string)  {}

// picture returns the address of an img, or the smiley that it stands for, or nothing if it is not to be seen.
func picture(a attributes) (address, instead string) {
	class := strings.ToLower(a["class"])
	if a["alt"] != "" && len(a["alt"]) < 32 && (strings.Contains(class, "emoji") || strings.Contains(class, "smiley")) {
		return "", a["alt"]
	}
	if isPixel(a) {
		return "", ""
	}
	// Pages that load pictures late keep the true address elsewhere.
	for _, name := range []string{"src", "data-src", "data-lazy-src"} {
		if address, ok := mediaAddress(a[name]); ok {
			return address, ""
		}
	}
	return "", ""
}

func mediaAddress(s string) (string, bool) {
	return safeAddress(s, "http", "https")
}

// isPixel recognises an image that is there to count readers.
func isPixel(a attributes) bool {
	for _, side := range []string{"width", "height"} {
		if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(a[side]), "px")); err == nil && n <= 1 {
			return true
		}
		for declaration := range strings.SplitSeq(a["style"], ";") {
			name, value, _ := strings.Cut(declaration, ":")
			value = strings.TrimSuffix(strings.TrimSpace(value), "px")
			if strings.TrimSpace(name) == side && (value == "0" || value == "1") {
				return true
			}
		}
	}
	return false
}

func isPicture(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif":
		return true
	}
	return false
}
