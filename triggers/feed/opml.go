package feed

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// feedsOfList bounds how many feeds are read from one list.
const maxListed = 10_000

// readList returns the addresses of the feeds in an OPML list at a path or a web address.
func (f *feeds) readList(ctx context.Context) ([]string, error) {
	body, err := f.fetchList(ctx)
	if err != nil {
		return nil, fmt.Errorf("the list %s: %w", shownAddress(f.config.OPML), err)
	}
	urls, err := inTime(ctx, f.reading, f.config.OPML, func(ctx context.Context) ([]string, error) { return outlines(ctx, body) })
	if err == nil && len(urls) == 0 {
		err = errors.New("holds no feed: no outline has an xmlUrl")
	}
	if err != nil {
		return nil, fmt.Errorf("the list %s: %w", shownAddress(f.config.OPML), err)
	}
	return urls, nil
}

func (f *feeds) fetchList(ctx context.Context) ([]byte, error) {
	if isWeb(f.config.OPML) {
		a, err := fetch(ctx, f.setup.HTTP(f.config.AllowPrivate), f.config.OPML, version{})
		if err != nil {
			return nil, err
		}
		return sanitizeXML(readable(a.body, a.contentType)), nil
	}
	path := f.config.OPML
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.setup.Dir, path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(io.LimitReader(file, maxBytes))
	if err != nil {
		return nil, err
	}
	return sanitizeXML(readable(body, "")), nil
}

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
