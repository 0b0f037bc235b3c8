package expression

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"rhea/engine"
	"rhea/engine/reference"
	"rhea/engine/text"
)

func truncate(s string, n int) (string, error) {
	if n < 0 {
		return "", errors.New("truncate wants a length of 0 or more")
	}
	return text.Truncate(s, n), nil
}

// hashtags writes a list of words, or the hashtags found in a text, as hashtags.
func hashtags(v any) (string, error) {
	v = deref(v)
	var words []string
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		words = text.Hashtags(v)
	default:
		elements, ok := elementsOf(v)
		if !ok {
			return "", fmt.Errorf("hashtags wants a text or a list here, this is %s", describe(v))
		}
		for _, e := range elements {
			s, err := Render(deref(e))
			if err != nil {
				return "", err
			}
			words = append(words, s)
		}
	}
	seen := map[string]bool{}
	var tags []string
	for _, w := range words {
		if tag := text.Hashtag(w); tag != "" && !seen[tag] {
			seen[tag] = true
			tags = append(tags, "#"+tag)
		}
	}
	return strings.Join(tags, " "), nil
}

// hex returns what an entity is about: the event if it names one, else the person.
func hex(s string) (string, error) {
	r, err := reference.Parse(s)
	switch {
	case err != nil:
		return "", err
	case r.ID != "":
		return r.ID, nil
	case r.PublicKey != "" && r.Address == "":
		return r.PublicKey, nil
	}
	return "", fmt.Errorf("%s has no single id: it names %s", s, r.Address)
}

func mention(d engine.Data, pubkey string) (string, error) {
	name, err := reference.Nprofile(pubkey)
	if err != nil {
		return "", err
	}
	if pubkey, err = reference.PublicKey(pubkey); err != nil {
		return "", err
	}
	engine.ScopeOf(d).Mention(pubkey)
	return "nostr:" + name, nil
}

// timeOf accepts a time or seconds since 1970.
func timeOf(v any) (time.Time, error) {
	switch v := deref(v).(type) {
	case nil:
		return time.Time{}, errors.New("there is no time here (nil)")
	case time.Time:
		return v, nil
	case *time.Time:
		return *v, nil
	default:
		if r := reflect.ValueOf(v); r.CanInt() {
			return time.Unix(r.Int(), 0).UTC(), nil
		} else if r.CanFloat() {
			return time.Unix(int64(r.Float()), 0).UTC(), nil
		}
		return time.Time{}, fmt.Errorf("a time is wanted here, this is %s", describe(v))
	}
}

func isTime(t reflect.Type) bool {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t == nil || t == timeType || t.Kind() == reflect.Interface || isNumber(t) && t != durationType
}

func format(arguments ...any) (any, error) {
	t, err := timeOf(arguments[0])
	if err != nil {
		return nil, err
	}
	layout, err := argument[string]("format", arguments, 1)
	if err != nil {
		return nil, err
	}
	if len(arguments) == 3 {
		zone, err := argument[string]("format", arguments, 2)
		if err != nil {
			return nil, err
		}
		place, err := time.LoadLocation(zone)
		if err != nil {
			return nil, fmt.Errorf("there is no time zone %q", zone)
		}
		t = t.In(place)
	}
	return t.Format(layout), nil
}

func acceptFormat(arguments []reflect.Type) (reflect.Type, error) {
	if err := count("format", len(arguments), 2, 3); err != nil {
		return nil, err
	}
	if !isTime(arguments[0]) {
		return nil, fmt.Errorf("format wants a time first, this is %s", article(typeName(arguments[0])))
	}
	for _, a := range arguments[1:] {
		if !isText(a) {
			return nil, fmt.Errorf("format wants a layout and a time zone, this is %s", article(typeName(a)))
		}
	}
	return reflect.TypeFor[string](), nil
}

func ago(arguments ...any) (any, error) {
	t, err := timeOf(arguments[1])
	if err != nil {
		return nil, err
	}
	now := engine.ScopeOf(arguments[0].(engine.Data)).Now
	d := now.Sub(t)
	if d < 0 {
		return span(-d, "in %s"), nil
	}
	return span(d, "%s ago"), nil
}

func span(d time.Duration, form string) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{365 * day, "year"}, {30 * day, "month"}, {7 * day, "week"}, {day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch n := int64(d / u.unit); {
		case n == 1:
			return fmt.Sprintf(form, "1 "+u.name)
		case n > 1:
			return fmt.Sprintf(form, strconv.FormatInt(n, 10)+" "+u.name+"s")
		}
	}
	return "just now"
}

func acceptAgo(arguments []reflect.Type) (reflect.Type, error) {
	if err := count("ago", len(arguments), 2, 2); err != nil {
		return nil, err
	}
	if !isTime(arguments[1]) {
		return nil, fmt.Errorf("ago wants a time, this is %s", article(typeName(arguments[1])))
	}
	return reflect.TypeFor[string](), nil
}

func parseJSON(s string) (any, error) {
	v, err := engine.ParseJSON([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("this is not JSON: %w", err)
	}
	return v, nil
}

func urlEncode(s string) (string, error) {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), nil
}

func replace(s, old, with string) (string, error) {
	if len(s)+strings.Count(s, old)*len(with) > 2*maxInput {
		return "", fmt.Errorf("the text is larger than %d KiB", maxInput>>10)
	}
	return strings.ReplaceAll(s, old, with), nil
}

func repeat(s string, n int) (string, error) {
	if n < 0 {
		return "", errors.New("repeat wants a count of 0 or more")
	}
	if n > maxInput || len(s)*n > maxInput {
		return "", fmt.Errorf("the text is larger than %d KiB", maxInput>>10)
	}
	return strings.Repeat(s, n), nil
}

// same gives #bound the type of what it is put around.
func same(arguments []reflect.Type) (reflect.Type, error) { return arguments[1], nil }
