package actions_test

import (
	"errors"
	"strings"
	"testing"

	"rhea/actions"
	"rhea/engine"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	content := func(s string) actions.Post {
		return actions.Post{Content: engine.NewText(s, func(engine.Data) (string, error) { return s, nil })}
	}
	long, padded := content(strings.Repeat("ä", 8197)), content("${{ "+strings.Repeat(" ", 9000)+"item.title }}")
	for name, test := range map[string]struct {
		config engine.Adviser
		odd    bool
	}{
		"note":            {actions.PublishConfig{Kind: 1, Post: content("hello")}, false},
		"long note":       {actions.PublishConfig{Kind: 1, Post: long}, true},
		"long expression": {actions.PublishConfig{Kind: 1, Post: padded}, false},
		"long article":    {actions.PublishConfig{Kind: 30023, Post: long}, false},
		"long reply":      {actions.ReplyConfig{Post: long}, true},
		"long quote":      {actions.QuoteConfig{Post: long}, true},
	} {
		if err := test.config.Advise(); (err != nil) != test.odd {
			t.Errorf("%s: advises %v", name, err)
		}
	}
}

// TestAdviseWords: what strangers write and the bot would sign as it is, is worth a warning at the text.
func TestAdviseWords(t *testing.T) {
	t.Parallel()
	text := engine.NewText("x", func(engine.Data) (string, error) { return "x", nil })
	free := actions.Post{Content: text.WithWords([]string{"event.content"})}
	for _, c := range []engine.Adviser{
		actions.PublishConfig{Kind: 1, Post: free}, actions.PublishConfig{Kind: 30000, Post: free}, actions.ReplyConfig{Post: free}, actions.QuoteConfig{Post: free}, actions.ArticleConfig{Post: free},
	} {
		advice, ok := errors.AsType[*engine.Advice](c.Advise())
		if !ok || advice.Code != "unsanitized" {
			t.Errorf("%T: %v", c, c.Advise())
		}
	}
	if err := (actions.ReplyConfig{Post: actions.Post{Content: text}}).Advise(); err != nil {
		t.Errorf("a text of our own: %v", err)
	}
}

// TestAdviseKinds: what wipes a list or a profile, or shows what is meant to be private, is told.
func TestAdviseKinds(t *testing.T) {
	t.Parallel()
	text := func(s string) engine.Text {
		return engine.NewText(s, func(engine.Data) (string, error) { return s, nil })
	}
	tags := func(name string) [][]engine.Text { return [][]engine.Text{{text(name), text("x")}} }
	for name, test := range map[string]struct {
		config actions.PublishConfig
		odd    bool
	}{
		"plain kind 4":        {actions.PublishConfig{Kind: 4, Post: actions.Post{Content: text("psst")}}, true},
		"encrypted elsewhere": {actions.PublishConfig{Kind: 4, Post: actions.Post{Content: text("${{ outputs.box.body }}")}}, false},
		"no follows":          {actions.PublishConfig{Kind: 3}, true},
		"only t tags":         {actions.PublishConfig{Kind: 3, Post: actions.Post{Tags: tags("t")}}, true},
		"follows":             {actions.PublishConfig{Kind: 3, Post: actions.Post{Tags: tags("p")}}, false},
		"tags not known yet":  {actions.PublishConfig{Kind: 3, Post: actions.Post{Tags: tags("${{ data.tag }}")}}, false},
		"profile of nothing":  {actions.PublishConfig{Kind: 0, Post: actions.Post{Content: text(" {} ")}}, true},
		"no profile":          {actions.PublishConfig{Kind: 0}, true},
		"profile":             {actions.PublishConfig{Kind: 0, Post: actions.Post{Content: text(`{"name":"x"}`)}}, false},
		"profile from a file": {actions.PublishConfig{Kind: 0, Post: actions.Post{Content: text("${{ json(data.me) }}")}}, false},
		"no bookmarks":        {actions.PublishConfig{Kind: 10003}, true},
		"bookmarks":           {actions.PublishConfig{Kind: 10003, Post: actions.Post{Tags: tags("e")}}, false},
		"encrypted bookmarks": {actions.PublishConfig{Kind: 10003, Post: actions.Post{Content: text("x")}}, false},
	} {
		if err := test.config.Advise(); (err != nil) != test.odd {
			t.Errorf("%s: advises %v", name, err)
		}
	}
}

// TestAdviseAddress: what is never reached is told.
func TestAdviseAddress(t *testing.T) {
	t.Parallel()
	for address, odd := range map[string]bool{
		"http://localhost:8080": true, "http://127.0.0.1/x?a=${{ x }}": true, "http://localhost/${{ x }}": true, "http://nas/hook": true,
		"https://a.example": false, "${{ url }}": false, "http://local${{ x }}": false, "http://127.0.0.1${PORT}/": false, "http://[::1]/": true,
	} {
		url := engine.NewText(address, func(engine.Data) (string, error) { return address, nil })
		if err := (actions.HTTPConfig{URL: url}).Advise(); (err != nil) != odd {
			t.Errorf("%s: advises %v", address, err)
		}
		if err := (actions.HTTPConfig{URL: url, AllowPrivate: true}).Advise(); err != nil {
			t.Errorf("%s, which is allowed: advises %v", address, err)
		}
	}
}
