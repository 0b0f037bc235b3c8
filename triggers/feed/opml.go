package feed

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxListed bounds how many feeds are read from one list.
const maxListed = 10_000

// outlines reads the xmlUrl of every outline, each feed once, in order (OPML 2.0). Folders are looked through.
func outlines(ctx context.Context, body []byte) ([]string, error) {
	d := xml.NewDecoder(&patient{ctx, bytes.NewReader(body)})
	d.Strict = false
	d.Entity = xml.HTMLEntity
	var urls []string
	known := make(map[string]bool)
	root := ""
	for len(urls) < maxListed {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("unreadable: %w", err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if root == "" {
			if root = strings.ToLower(element.Name.Local); root != "opml" {
				return nil, fmt.Errorf("is not OPML: it begins with <%s>", element.Name.Local)
			}
		}
		for _, a := range element.Attr {
			address := strings.TrimSpace(a.Value)
			if !strings.EqualFold(a.Name.Local, "xmlUrl") || !isWeb(address) {
				continue
			}
			if c := canonicalLink(address); !known[c] {
				known[c] = true
				urls = append(urls, address)
			}
		}
	}
	if root == "" {
		return nil, errors.New("is not OPML")
	}
	return urls, nil
}
