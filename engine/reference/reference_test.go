package reference_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"rhea/engine/reference"
)

const (
	pubkey = "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d"
	npub   = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6"
	nsec   = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
	event  = "b9f5441e45ca39179320e0031cfb18e34078673dcc3d3e3a3b3a981760aa5696"
	relay  = "wss://relay.example"
)

func TestVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/nip19_nip21.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Decode []struct {
			Code, URI, Type, Hex, Pubkey string
			Relays                       []string
		}
		Hostile []struct{ Code, Why string } `json:"hostile_own"`
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Decode {
		r, err := reference.Parse(v.Code + v.URI)
		if v.Type == "nsec" {
			if err == nil || strings.Contains(err.Error(), v.Code) || strings.Contains(err.Error(), v.Hex) {
				t.Errorf("a secret key gives %+v, %v", r, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", v.Code+v.URI, err)
			continue
		}
		if v.Type != "" && r.Type != v.Type {
			t.Errorf("Parse(%q).Type = %q", v.Code, r.Type)
		}
		if want := v.Hex + v.Pubkey; want != "" && r.PublicKey != want {
			t.Errorf("Parse(%q).PublicKey = %q, want %q", v.Code, r.PublicKey, want)
		}
		if v.Relays != nil && !reflect.DeepEqual(r.Relays, v.Relays) {
			t.Errorf("Parse(%q).Relays = %q, want %q", v.Code, r.Relays, v.Relays)
		}
	}
	for _, v := range vectors.Hostile {
		if r, err := reference.Parse(v.Code); err == nil {
			t.Errorf("%s: Parse = %+v", v.Why, r)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	name := func(s string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	long := "wss://" + strings.Repeat("x", 250)
	tests := []struct {
		code string
		want reference.Reference
	}{
		{name(reference.Npub(pubkey)), reference.Reference{Type: "npub", PublicKey: pubkey, Kind: -1}},
		{name(reference.Npub(strings.ToUpper(pubkey))), reference.Reference{Type: "npub", PublicKey: pubkey, Kind: -1}},
		{name(reference.Note(event)), reference.Reference{Type: "note", ID: event, Kind: -1}},
		{name(reference.Nprofile(pubkey, relay, long, "")), reference.Reference{Type: "nprofile", PublicKey: pubkey, Kind: -1, Relays: []string{relay}}},
		{name(reference.Nevent(event, "", -1)), reference.Reference{Type: "nevent", ID: event, Kind: -1}},
		{name(reference.Nevent(event, pubkey, 0, relay)), reference.Reference{Type: "nevent", ID: event, PublicKey: pubkey, Kind: 0, Relays: []string{relay}}},
		{name(reference.Naddr(30023, pubkey, "my post", relay)), reference.Reference{Type: "naddr", PublicKey: pubkey, Kind: 30023, Identifier: "my post", Address: "30023:" + pubkey + ":my post", Relays: []string{relay}}},
		{name(reference.Naddr(0, pubkey, "")), reference.Reference{Type: "naddr", PublicKey: pubkey, Kind: 0, Address: "0:" + pubkey + ":"}},
	}
	for _, test := range tests {
		for _, code := range []string{test.code, "nostr:" + test.code, "NOSTR:" + strings.ToUpper(test.code), " " + test.code + "\n"} {
			got, err := reference.Parse(code)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("Parse(%q) = %+v, %v; want %+v", code, got, err, test.want)
			}
		}
	}
}

func TestManyRelays(t *testing.T) {
	t.Parallel()
	relays := make([]string, 100)
	for i := range relays {
		relays[i] = "wss://" + strings.Repeat("r", 249)
	}
	code, err := reference.Naddr(30023, pubkey, strings.Repeat("d", 255), relays...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reference.Parse(code)
	if err != nil || len(r.Relays) != 10 {
		t.Errorf("%d relays survive, %v; want 10", len(r.Relays), err)
	}
}

func TestHelpers(t *testing.T) {
	t.Parallel()
	note, _ := reference.Note(event)
	nevent, _ := reference.Nevent(event, pubkey, 1)
	nprofile, _ := reference.Nprofile(pubkey)
	for _, s := range []string{pubkey, strings.ToUpper(pubkey), npub, "nostr:" + npub, nprofile} {
		if got, err := reference.PublicKey(s); err != nil || got != pubkey {
			t.Errorf("PublicKey(%q) = %q, %v", s, got, err)
		}
	}
	for _, s := range []string{event, strings.ToUpper(event), note, nevent, "nostr:" + nevent} {
		if got, err := reference.EventID(s); err != nil || got != event {
			t.Errorf("EventID(%q) = %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "x", pubkey[1:], note, nevent, nsec, "z" + pubkey[1:]} {
		if got, err := reference.PublicKey(s); err == nil {
			t.Errorf("PublicKey(%q) = %q", s, got)
		}
	}
	for _, s := range []string{"", event + "0", npub, nprofile, nsec} {
		if got, err := reference.EventID(s); err == nil {
			t.Errorf("EventID(%q) = %q", s, got)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	calls := map[string]func() (string, error){
		"short pubkey": func() (string, error) { return reference.Npub("abc") },
		"no id":        func() (string, error) { return reference.Note("") },
		"a note":       func() (string, error) { return reference.Nprofile("note1qqqqqq") },
		"nsec":         func() (string, error) { return reference.Npub(nsec) },
		"bad author":   func() (string, error) { return reference.Nevent(event, "x", 1) },
		"big kind":     func() (string, error) { return reference.Nevent(event, "", 65536) },
		"no kind":      func() (string, error) { return reference.Naddr(-1, pubkey, "") },
		"long d":       func() (string, error) { return reference.Naddr(1, pubkey, strings.Repeat("d", 256)) },
	}
	for name, call := range calls {
		if got, err := call(); err == nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestParseNeverRepeatsItsInput(t *testing.T) {
	t.Parallel()
	for _, s := range []string{nsec, "nostr:" + nsec, strings.ToUpper(nsec), nsec[:len(nsec)-1] + "q", nsec[:40], nsec + "b"} {
		_, err := reference.Parse(s)
		if err == nil {
			t.Fatalf("a secret key was accepted")
		}
		if strings.Contains(strings.ToLower(err.Error()), nsec[5:20]) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	nevent, _ := reference.Nevent(event, pubkey, 1, relay)
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"hi nostr:" + npub + "!", []string{"nostr:" + npub}},
		{npub, []string{npub}},
		{"@" + npub + ", see " + nevent + ".", []string{npub, nevent}},
		{"(" + npub + ")", []string{npub}},
		{"see:nostr:" + npub, []string{"nostr:" + npub}},
		{"https://njump.me/" + npub, nil},
		{"https://x.example/?p=" + npub, nil},
		{"x" + npub, nil},
		{npub + "x", nil},
		{npub + "_", nil},
		{"xnostr:" + npub, nil},
		{nsec, nil},
		{"npub1 note1 nevent1", nil},
		{"日本語nostr:" + npub + "日本語", []string{"nostr:" + npub}},
		{strings.Repeat("note1", 1000) + " " + npub, []string{npub}},
	}
	for _, test := range tests {
		var got []string
		for _, r := range reference.Find(test.text) {
			got = append(got, test.text[r.Start:r.End])
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("Find(%.80q) = %q, want %q", test.text, got, test.want)
		}
	}
	if n := len(reference.Find(strings.Repeat("nostr:"+npub+" ", 500))); n != 100 {
		t.Errorf("Find returns %d references, want 100", n)
	}
}

func FuzzParse(f *testing.F) {
	nevent, _ := reference.Nevent(event, pubkey, 1, relay)
	naddr, _ := reference.Naddr(30023, pubkey, "d", relay)
	nprofile, _ := reference.Nprofile(pubkey, relay)
	for _, s := range []string{npub, nsec, nevent, naddr, nprofile, "nostr:" + npub, "naddr1qqqhsqczqqqs95udse", "", "1", pubkey} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := reference.Parse(s)
		if err != nil {
			if r.Type != "" {
				t.Errorf("Parse(%q) = %+v with %v", s, r, err)
			}
			return
		}
		var again string
		switch r.Type {
		case "npub":
			again, err = reference.Npub(r.PublicKey)
		case "note":
			again, err = reference.Note(r.ID)
		case "nprofile":
			again, err = reference.Nprofile(r.PublicKey, r.Relays...)
		case "nevent":
			again, err = reference.Nevent(r.ID, r.PublicKey, r.Kind, r.Relays...)
		case "naddr":
			// A d tag of invalid bytes grows when it is repaired.
			if len(r.Identifier) > 255 {
				return
			}
			again, err = reference.Naddr(r.Kind, r.PublicKey, r.Identifier, r.Relays...)
		}
		if err != nil {
			t.Fatalf("%+v cannot be written again: %v", r, err)
		}
		if same, err := reference.Parse(again); err != nil || !reflect.DeepEqual(same, r) {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", again, same, err, r)
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add("hi nostr:" + npub + " and naddr1qqqhsqczqqqs95udse https://x/" + npub)
	f.Add("1nostr:npub1")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, r := range reference.Find(text) {
			if r.Start < end || r.End <= r.Start || r.End > len(text) {
				t.Fatalf("Find(%q) gives the place %d–%d after %d", text, r.Start, r.End, end)
			}
			end = r.End
			if _, err := reference.Parse(text[r.Start:r.End]); err != nil {
				t.Errorf("Find(%q) gives %q: %v", text, text[r.Start:r.End], err)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("An ordinary note of 2026 with 1 or 2 digits and some words. ", 8) + "nostr:" + npub
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if len(reference.Find(text)) != 1 {
			b.Fatal("not found")
		}
	}
}

func BenchmarkNpub(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reference.Npub(pubkey); err != nil {
			b.Fatal(err)
		}
	}
}
