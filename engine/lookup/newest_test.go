package lookup_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/lookup"
)

// oracle is a relay that is asked.
type oracle struct {
	// takes is how long an answer takes; silent is for ever.
	takes time.Duration
	err   error
	has   []nostr.Event
}

const silent = 1 << 60

// oracles is a source that answers as the test says, and notes who was asked for how much.
type oracles struct {
	engine.Source

	mu    sync.Mutex
	by    map[string]oracle
	asked []string
	keys  []int
	open  map[string]int
	most  int
}

func (o *oracles) Fetch(ctx context.Context, relays []string, f nostr.Filter) ([]nostr.Event, error) {
	o.mu.Lock()
	relay := o.by[relays[0]]
	o.asked, o.keys = append(o.asked, relays[0]), append(o.keys, len(f.Authors))
	o.open[relays[0]]++
	o.most = max(o.most, o.open[relays[0]])
	o.mu.Unlock()
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.open[relays[0]]--
	}()
	if relay.takes > 0 {
		select {
		case <-time.After(relay.takes):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	var found []nostr.Event
	for _, e := range relay.has {
		if f.Matches(&e) {
			found = append(found, e)
		}
	}
	return found, relay.err
}

func (o *oracles) set(name string, relay oracle) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by[name] = relay
}

// questions are how often a relay was asked; "" counts all.
func (o *oracles) questions(relay string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if relay == "" {
		return len(o.asked)
	}
	return len(slices.DeleteFunc(slices.Clone(o.asked), func(r string) bool { return r != relay }))
}

func newOracles(by map[string]oracle) *oracles {
	return &oracles{by: by, open: make(map[string]int)}
}

func (o *oracles) profiles() *lookup.Newest[engine.Profile] {
	var relays []string
	for name := range o.by {
		relays = append(relays, name)
	}
	return lookup.NewProfiles(o, relays)
}

// says is the profile of the nth person, unsigned: who checks signatures is not asked here.
func says(n, at int, content string) nostr.Event {
	return nostr.Event{ID: fmt.Sprintf("%064x", at), PubKey: key(n), CreatedAt: nostr.Timestamp(at), Content: content}
}

func key(n int) string { return fmt.Sprintf("%064x", n+10) }

// TestPace asks for two people one after the other. One relay that is slow, silent or away sets the pace once at
// most.
func TestPace(t *testing.T) {
	t.Parallel()
	has := []nostr.Event{says(1, 1, `{"bot":true}`), says(2, 1, `{"bot":true}`)}
	fast := 20 * time.Millisecond
	away := &engine.Unreachable{Err: errors.New("no connection")}
	for name, tt := range map[string]struct {
		relays        map[string]oracle
		first, next   time.Duration
		known, known2 bool
		err, err2     error
	}{
		"one relay":                     {map[string]oracle{"a": {takes: fast, has: has}}, fast, fast, true, true, nil, nil},
		"nobody has it":                 {map[string]oracle{"a": {takes: fast}, "b": {takes: 2 * fast}}, 2 * fast, 2 * fast, false, false, nil, nil},
		"the other has it":              {map[string]oracle{"a": {takes: fast}, "b": {takes: 2 * time.Second, has: has}}, 2 * time.Second, 2 * time.Second, true, true, nil, nil},
		"the other is silent":           {map[string]oracle{"a": {takes: fast, has: has}, "b": {takes: silent}}, fast + 300*time.Millisecond, fast + 300*time.Millisecond, true, true, nil, nil},
		"nothing, the other is silent":  {map[string]oracle{"a": {takes: fast}, "b": {takes: silent}}, 3 * time.Second, fast, false, false, nil, nil},
		"nothing, the other is slow":    {map[string]oracle{"a": {takes: fast}, "b": {takes: 2900 * time.Millisecond}}, 2900 * time.Millisecond, fast, false, false, nil, nil},
		"the other is away":             {map[string]oracle{"a": {takes: fast}, "b": {err: away}}, fast, fast, false, false, nil, nil},
		"the other refuses":             {map[string]oracle{"a": {takes: fast}, "b": {err: errors.New("blocked: no")}}, fast, fast, false, false, nil, nil},
		"the only one is slow":          {map[string]oracle{"a": {takes: 7 * time.Second, has: has}}, 7 * time.Second, 7 * time.Second, true, true, nil, nil},
		"the only one refuses":          {map[string]oracle{"a": {takes: fast, err: errors.New("blocked: no")}}, fast, fast, false, false, engine.ErrUnanswered, engine.ErrUnanswered},
		"the only one is silent":        {map[string]oracle{"a": {takes: silent}}, 10 * time.Second, time.Second, false, false, engine.ErrUnanswered, engine.ErrUnanswered},
		"one is silent, the other away": {map[string]oracle{"a": {takes: silent}, "b": {err: away}}, 10 * time.Second, time.Second, false, false, engine.ErrUnanswered, engine.ErrUnanswered},
		"the only one is away":          {map[string]oracle{"a": {err: away}}, 9 * time.Second, 9 * time.Second, false, false, engine.ErrUnanswered, engine.ErrUnanswered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newOracles(tt.relays).profiles()
				look := func(n int, most time.Duration, known bool, want error) {
					start := time.Now()
					profile, found, err := p.Find(t.Context(), key(n), time.Minute)
					if took := time.Since(start); took > most || found != known || profile.Bot != known || !errors.Is(err, want) {
						t.Errorf("person %d: %v, %v, %v after %s, want %v, %v within %s", n, profile, found, err, took, known, want, most)
					}
				}
				look(1, tt.first, tt.known, tt.err)
				<-time.After(10 * time.Second)
				look(2, tt.next, tt.known2, tt.err2)
			})
		})
	}
}

// TestSaysLater has the relay with the profile answer after the wait is over: the next question finds it.
func TestSaysLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracles(map[string]oracle{
			"a": {takes: time.Millisecond}, "b": {takes: 5 * time.Second, has: []nostr.Event{says(1, 1, `{"bot":true}`)}},
		})
		p := o.profiles()
		if _, found, err := p.Find(t.Context(), key(1), time.Minute); found || err != nil {
			t.Errorf("found %v, %v before anybody knew", found, err)
		}
		<-time.After(3 * time.Second)
		if profile, _, _ := p.Find(t.Context(), key(1), 0); !profile.Bot {
			t.Error("what came late is lost")
		}
		if n := o.questions(""); n != 2 {
			t.Errorf("%d questions, want one for each relay", n)
		}
	})
}

// TestCrowd has a hundred people looked up at once by three rules each.
func TestCrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var has []nostr.Event
		for n := range 100 {
			has = append(has, says(n, 1, fmt.Sprintf(`{"name":"%d"}`, n)))
		}
		o := newOracles(map[string]oracle{"a": {takes: 50 * time.Millisecond, has: has}, "b": {takes: silent}})
		p := o.profiles()
		start := time.Now()
		var looking sync.WaitGroup
		for range 3 {
			for n := range 100 {
				looking.Go(func() {
					profile, _, err := p.Find(t.Context(), key(n), time.Minute)
					if want := fmt.Sprintf(`{"name":"%d"}`, n); err != nil || profile.Content != want {
						t.Errorf("person %d: %q, %v", n, profile.Content, err)
					}
				})
			}
		}
		looking.Wait()
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("took %s", took)
		}
		if n := o.questions("a"); n > 2 || o.keys[0] != 1 {
			t.Errorf("%d questions, the first for %d people; want two, the first at once", n, o.keys[0])
		}
	})
}

// TestSparesTheSilent has few questions open at a relay that never answers.
func TestSparesTheSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracles(map[string]oracle{"a": {takes: time.Millisecond}, "b": {takes: silent}})
		p := o.profiles()
		for n := range 3 {
			p.Expect(t.Context(), key(n))
			<-time.After(time.Second)
		}
		<-time.After(time.Millisecond)
		if n := o.questions("a"); n != 3 {
			t.Errorf("the other relay was asked %d times in 3 s", n)
		}
		for n := range 1000 {
			p.Expect(t.Context(), fmt.Sprintf("%064x", 3+n+10))
			<-time.After(2 * time.Millisecond)
		}
		if o.most > 2 {
			t.Errorf("%d questions were open at one relay", o.most)
		}
		if n := o.questions("a"); n != 1003 {
			t.Errorf("the other relay was asked %d times", n)
		}
	})
}

// TestRemembers looks at how long what was found counts.
func TestRemembers(t *testing.T) {
	t.Parallel()
	person, nobody, lost := key(1), key(2), key(3)
	for name, tt := range map[string]struct {
		who   string
		again time.Duration
		asked int  // by the second look, in all
		waits bool // the second look waits for the relay
	}{
		"a profile":                  {person, 59 * time.Minute, 1, false},
		"an old one":                 {person, 61 * time.Minute, 2, false},
		"one that is too old":        {person, 121 * time.Minute, 2, true},
		"no profile":                 {nobody, 9 * time.Minute, 1, false},
		"no profile, some time ago":  {nobody, 11 * time.Minute, 2, true},
		"no answer":                  {lost, 59 * time.Second, 1, false},
		"no answer, a minute before": {lost, 61 * time.Second, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				relay := oracle{takes: time.Second, has: []nostr.Event{says(1, 1, `{}`)}}
				if tt.who == lost {
					relay.err = errors.New("blocked: no")
				}
				o := newOracles(map[string]oracle{"a": relay})
				p := o.profiles()
				_, _, _ = p.Find(t.Context(), tt.who, time.Minute)
				<-time.After(tt.again)
				start := time.Now()
				_, found, _ := p.Find(t.Context(), tt.who, time.Minute)
				if waited := time.Since(start) > 0; waited != tt.waits || found != (tt.who == person) {
					t.Errorf("waited %v, found %v", waited, found)
				}
				<-time.After(time.Minute / 2)
				if n := o.questions(""); n != tt.asked {
					t.Errorf("asked %d times, want %d", n, tt.asked)
				}
			})
		})
	}
}

// TestTakesTheNewest has relays that know different versions, now and after an hour.
func TestTakesTheNewest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracles(map[string]oracle{
			"a": {takes: time.Millisecond, has: []nostr.Event{says(1, 5, "old")}},
			"b": {takes: 200 * time.Millisecond, has: []nostr.Event{says(1, 7, "new"), says(1, 6, "older"), says(2, 8, "another's")}},
		})
		p := o.profiles()
		look := func(want string) {
			t.Helper()
			if profile, _, err := p.Find(t.Context(), key(1), time.Minute); err != nil || profile.Content != want {
				t.Errorf("%q, %v, want %q", profile.Content, err, want)
			}
		}
		look("new")
		o.set("b", oracle{err: errors.New("gone")})
		<-time.After(61 * time.Minute)
		look("new")
		<-time.After(time.Minute)
		look("new") // The relay that has an older one does not take it back,
		o.set("a", oracle{})
		<-time.After(61 * time.Minute)
		look("new")
		<-time.After(time.Minute)
		look("new") // nor one that has none.
		o.set("a", oracle{has: []nostr.Event{says(1, 9, "newest")}})
		<-time.After(20 * time.Minute)
		look("new")
		<-time.After(time.Minute)
		look("newest")
	})
}

// TestAsksTheQuick has people come faster than the only relay that knows them answers, while another says at once
// that it does not.
func TestAsksTheQuick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var has []nostr.Event
		for n := range 50 {
			has = append(has, says(n, 1, `{"bot":true}`))
		}
		o := newOracles(map[string]oracle{"a": {takes: time.Millisecond}, "b": {takes: 300 * time.Millisecond, has: has}})
		p := o.profiles()
		var looking sync.WaitGroup
		for n := range 50 {
			looking.Go(func() {
				start := time.Now()
				profile, _, err := p.Find(t.Context(), key(n), time.Minute)
				if took := time.Since(start); !profile.Bot || took > time.Second {
					t.Errorf("person %d: %v, %v after %s", n, profile, err, took)
				}
			})
			<-time.After(20 * time.Millisecond)
		}
		looking.Wait()
		if o.most > 2 {
			t.Errorf("%d questions were open at one relay", o.most)
		}
	})
}

// TestForgetsQuestions has strangers make it ask for far more people than can be looked up.
func TestForgetsQuestions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracles(map[string]oracle{"a": {takes: time.Second}})
		p := o.profiles()
		p.Expect(t.Context(), key(0))
		synctest.Wait()
		go func() {
			start := time.Now()
			if _, _, err := p.Find(t.Context(), key(1), time.Minute); !errors.Is(err, engine.ErrUnanswered) || time.Since(start) > time.Second {
				t.Errorf("%v after %s", err, time.Since(start))
			}
		}()
		synctest.Wait()
		for n := range 100_000 {
			p.Expect(t.Context(), fmt.Sprintf("%064x", 2+n+10))
		}
		<-time.After(time.Hour)
		if n := o.questions(""); n > 60 {
			t.Errorf("asked %d times", n)
		}
		if _, _, err := p.Find(t.Context(), key(1), time.Minute); err != nil {
			t.Error(err)
		}
	})
}

// TestForgets bounds what strangers can make it remember.
func TestForgets(t *testing.T) {
	t.Parallel()
	long := string(make([]byte, 60<<10))
	for name, tt := range map[string]struct {
		crowd   int
		content string
	}{
		"people":   {10_000, ""},
		"profiles": {300, long},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var has []nostr.Event
				if tt.content != "" {
					for n := range tt.crowd {
						has = append(has, says(n, 1, tt.content))
					}
				}
				o := newOracles(map[string]oracle{"a": {has: has}})
				p := o.profiles()
				for n := range tt.crowd + 1 {
					p.Expect(t.Context(), key(n))
				}
				synctest.Wait()
				for n, want := range map[int]int{tt.crowd - 1: 0, 0: 1} {
					before := o.questions("")
					if _, _, err := p.Find(t.Context(), key(n), time.Minute); err != nil {
						t.Error(err)
					}
					if got := o.questions("") - before; got != want {
						t.Errorf("person %d of %d: asked %d times again, want %d", n, tt.crowd, got, want)
					}
				}
			})
		})
	}
}

// TestProfilesAreStrangersText reads what may stand in a kind 0.
func TestProfilesAreStrangersText(t *testing.T) {
	t.Parallel()
	for content, bot := range map[string]bool{
		`{"bot":true}`: true, `{"name":"x","bot":"true"}`: true, `{"bot":"TRUE"}`: true,
		`{"bot":false}`: false, `{"bot":1}`: false, `{"bot":{"a":true}}`: false, `["bot"]`: false, `{"bot":true`: false, ``: false,
		`{"bot":true,"about":"` + string(make([]byte, 64<<10)) + `"}`: false, // Longer than is read.
	} {
		t.Run(content[:min(len(content), 20)], func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newOracles(map[string]oracle{"a": {has: []nostr.Event{says(1, 1, content)}}}).profiles()
				profile, _, err := p.Find(t.Context(), key(1), time.Minute)
				if err != nil || profile.Bot != bot {
					t.Errorf("bot %v, %v, want %v", profile.Bot, err, bot)
				}
			})
		})
	}
}

// TestEndsWithItsProgram leaves nothing behind.
func TestEndsWithItsProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newOracles(map[string]oracle{"a": {takes: silent}, "b": {err: &engine.Unreachable{Err: errors.New("away")}}}).profiles()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, _, err := p.Find(ctx, key(1), time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		if _, _, err := p.Find(t.Context(), key(1), 0); !errors.Is(err, engine.ErrUnanswered) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without a wait: %v", err)
		}
	})
}
