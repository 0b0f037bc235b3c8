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
