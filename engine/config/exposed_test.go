package config_test

import (
	"errors"
	"strings"
	"testing"

	"rhea/engine/config"
)

// TestExposedKeys: no text may hold what a key or its passphrase is read from, however it got there.
func TestExposedKeys(t *testing.T) {
	t.Parallel()
	const secret, passphrase = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa", "correct horse battery"
	env := map[string]string{
		"BOT_KEY": secret + "\n", "SAME": " " + secret, "PASS": passphrase, "FINE": "hello", "LOCKED": "ncryptsec1x", "SHORT": "x",
	}
	options := options()
	options.LookupEnv = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	for name, tc := range map[string]struct{ content, want string }{
		"the variable":              {"my key is ${BOT_KEY}", "bot.yaml:11:38"},
		"with a default":            {"my key is ${BOT_KEY:-none}", "bot.yaml:11:38"},
		"the passphrase":            {"${PASS}", "bot.yaml:11:28"},
		"a passphrase, not set":     {"${SHORT:-x}", "bot.yaml:11:28"},
		"another variable":          {"it is ${SAME}", "bot.yaml:11:34"},
		"the value":                 {"it is " + secret, "bot.yaml:11:28"},
		"the value in capitals":     {"it is " + strings.ToUpper(secret), "bot.yaml:11:28"},
		"in an expression":          {"${{ 'x" + secret + "' }}", "bot.yaml:11:32"},
		"as a default":              {"${NOTHING:-" + secret + "}", "bot.yaml:11:28"},
		"another one":               {"hello ${FINE}", ""},
		"the name alone":            {"the variable BOT_KEY", ""},
		"what a short secret holds": {"x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("bot.yaml", []byte(`version: 1
identities:
  main: { key: { env: BOT_KEY } }
  other: { key: { file: k, passphrase: &p { env: PASS } } }
  third: { key: { env: LOCKED, passphrase: { env: SHORT } } }
relays: [wss://relay.example]
rules:
  - name: hi
    trigger: { mention: {} }
    actions:
      - reply: { content: "`+tc.content+`", wrong: here }
`), options)
			var problems config.Problems
			errors.As(err, &problems)
			said := problems.Render()
			if found := strings.Contains(said, "[exposed-key]"); found != (tc.want != "") || !strings.Contains(said, tc.want) {
				t.Errorf("%v\n%s", err, said)
			}
			if strings.Contains(strings.ToLower(said), secret) || strings.Contains(said, passphrase) {
				t.Errorf("a secret is shown:\n%s", said)
			}
		})
	}
}
