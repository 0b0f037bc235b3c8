package recipes

// shelf is a group by the names of its recipes.
type shelf struct {
	title, about string
	names        []string
}

// shelves says in which order people find the recipes: in each group the one that most look for first.
func shelves() []shelf {
	return []shelf{
		{"Post", "What appears elsewhere becomes notes and articles.", []string{
			"blog-to-nostr", "several-feeds", "news-filter", "blog-to-articles", "release-announcer", "podcast", "youtube-channel",
			"subreddit", "mastodon-mirror", "photo-feed", "paced-feed", "many-bots", "feed-bridge",
		}},
		{"Announce", "What is said at set times.", []string{
			"good-morning", "meetup", "countdown", "editorial-calendar", "quote-bot", "weather", "price-bot", "block-height",
			"top-stories", "on-this-day", "weekly-poll", "calendar-event", "office-hours",
		}},
		{"Answer", "What people get who write to the bot.", []string{
			"mention-reply", "faq-bot", "ai-reply", "hello-languages", "ask-weather", "dice", "eight-ball", "run-code", "praise-bot",
			"welcome", "thanks", "channel-bot", "group-bot",
		}},
		{"Share", "What others wrote, passed on.", []string{
			"hashtag-reposter", "language-reposter", "club-account", "boost", "article-announcer", "live-announcer", "worked-notes",
		}},
		{"Watch", "What happens, told where you look: your phone, a chat, Nostr.", []string{
			"keyword-alert", "mentions-to-phone", "site-watch", "discord-bridge", "git-issues", "home-assistant",
		}},
		{"Keep", "What keeps an account, a community and its notes in order.", []string{
			"online-status", "take-back", "archive", "label-notes", "report-spam",
		}},
	}
}
