package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/enginetest"
	"rhea/engine/relay/relaytest"
	"rhea/engine/relay/wire"
)

func TestParseFrame(t *testing.T) {
	t.Parallel()
	type parts struct {
		label, id string
		ok        bool
		text      string
		event     string
	}
	tests := []struct {
		frame string
		want  parts
	}{
		{`["EVENT","s",{"id":"x"}]`, parts{label: "EVENT", id: "s", event: `{"id":"x"}`}},
		{" [ \"EVENT\" , \"s\" , { } ] \n", parts{label: "EVENT", id: "s", event: `{ }`}},
		{`["EVENT","s",{},"later"]`, parts{label: "EVENT", id: "s", event: `{}`}},
		{`["OK","e",true,""]`, parts{label: "OK", id: "e", ok: true}},
		{`["OK","e",true]`, parts{label: "OK", id: "e", ok: true}},
		{`["OK","e",false,null]`, parts{label: "OK", id: "e"}},
		{`["OK","e",false,"blocked: no"]`, parts{label: "OK", id: "e", text: "blocked: no"}},
		{`["EOSE","s"]`, parts{label: "EOSE", id: "s"}},
		{`["EOSE","s","more"]`, parts{label: "EOSE", id: "s", text: "more"}},
		{`["EOSE","s",["finish","x"]]`, parts{label: "EOSE", id: "s", text: "finish"}},
		{`["EOSE","s",{"a":[]}]`, parts{label: "EOSE", id: "s"}},
		{`["CLOSED","s"]`, parts{label: "CLOSED", id: "s"}},
		{`["CLOSED","s","error: \u00e9\ud83c\udf89\n"]`, parts{label: "CLOSED", id: "s", text: "error: é🎉\n"}},
		{`["NOTICE","hi"]`, parts{label: "NOTICE", text: "hi"}},
		{`["AUTH","c"]`, parts{label: "AUTH", text: "c"}},
		{`["COUNT","s",{"count":3}]`, parts{}},
		{`["LIMITS",{"a":[1,-2.5e3,null,true,false,"x"]}]`, parts{}},
	}
	for _, tt := range tests {
		f, err := wire.ParseFrame([]byte(tt.frame))
		if err != nil {
			t.Errorf("%s: %v", tt.frame, err)
			continue
		}
		if got := (parts{f.Label, string(f.ID), f.OK, string(f.Text), string(f.Event)}); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.frame, got, tt.want)
		}
	}
}

func TestParseFrameRefuses(t *testing.T) {
	t.Parallel()
	for _, frame := range []string{
		``, ` `, `{}`, `[]`, `["`, `["EVENT`, `["EVENT"`, `["EVENT"]`, `["EVENT",]`, `["EVENT","s"]`, `["EVENT","s",[]]`,
		`["EVENT","s",{}`, `["EVENT","s",{}]]`, `["EVENT","s",{}]x`, `["EVENT","s",{,}]`, `["EVENT","s",{"a"}]`,
		`["OK","e"]`, `["OK","e","true"]`, `["OK",1,true]`, `["OK","e",tru]`, `["EOSE"]`, `["EOSE",1]`, `["CLOSED"]`,
		`["NOTICE",{}]`, `["AUTH",{"id":"x"}]`, `["X",01]`, `["X",1.]`, `["X",-]`, `["X",1e]`, `["X",+1]`, `["X",nul]`,
		"[\"NOTICE\",\"a\nb\"]", `["NOTICE","\x"]`, `["NOTICE","\u12"]`, "[\"NOTICE\",\"\xff\"]", "\x00", `[1]`,
		`["X",` + strings.Repeat("[", 100_000), `["X",` + strings.Repeat("[", 17) + strings.Repeat("]", 17) + `]`,
	} {
		if f, err := wire.ParseFrame([]byte(frame)); err == nil {
			t.Errorf("%.60q was read as %+v", frame, f)
		}
	}
}

func TestParseEvent(t *testing.T) {
	t.Parallel()
	for _, e := range []nostr.Event{
		enginetest.Note(t, ""),
		enginetest.Note(t, "a\x00\x01\b\f\n\r\t\"\\/<>&\u2028é🎉"),
		enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 65535, Tags: nostr.Tags{{"e"}, {"p", "", "x"}}, CreatedAt: -1}),
	} {
		got, err := wire.ParseEvent([]byte(e.String()))
		if err != nil || got.String() != e.String() {
			t.Errorf("got %v, %v, want %v", got, err, e)
		}
	}
}

func TestParseEventRefuses(t *testing.T) {
	t.Parallel()
	good := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "c", Tags: nostr.Tags{{"t", "x"}}, CreatedAt: 1700000000})
	whole := good.String()
	upper := good
	upper.PubKey = strings.ToUpper(good.PubKey)
	upper.ID = upper.GetID()
	replace := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("%s is not in %s", old, whole)
		}
		return strings.Replace(whole, old, with, 1)
	}
	for name, raw := range map[string]string{
		"forged id":             replace(good.ID, good.PubKey),
		"changed body":          replace(`"c"`, `"d"`),
		"upper-case pubkey":     upper.String(),
		"upper-case id":         replace(good.ID, strings.ToUpper(good.ID)),
		"short id":              replace(good.ID, good.ID[:63]),
		"short sig":             replace(good.Sig, good.Sig[:126]),
		"no sig":                replace(`"sig"`, `"gis"`),
		"two contents":          replace(`"content":"c"`, `"content":"c","content":"c"`),
		"kind as text":          replace(`"kind":1`, `"kind":"1"`),
		"kind too large":        replace(`"kind":1`, `"kind":65536`),
		"negative kind":         replace(`"kind":1`, `"kind":-1`),
		"created_at as float":   replace(`1700000000`, `1700000000.5`),
		"created_at exponent":   replace(`1700000000`, `17e8`),
		"created_at overflow":   replace(`1700000000`, `99999999999999999999`),
		"number in tag":         replace(`["t","x"]`, `["t",1]`),
		"null tag":              replace(`["t","x"]`, `null`),
		"empty tag":             replace(`["t","x"]`, `[]`),
		"tags as object":        replace(`[["t","x"]]`, `{}`),
		"content null":          replace(`"c"`, `null`),
		"trailing":              whole + "x",
		"truncated":             whole[:len(whole)-1],
		"too many tags":         replace(`["t","x"]`, strings.Repeat(`["t"],`, 10_001)+`["t","x"]`),
		"not an object":         `[]`,
		"only an id":            `{"id":"` + good.ID + `"}`,
		"id and tags of number": `{"id":"` + good.ID + `","tags":[[1,2]]}`,
	} {
		if e, err := wire.ParseEvent([]byte(raw)); err == nil {
			t.Errorf("%s was read as %v", name, e)
		}
	}
}

func FuzzParseFrame(f *testing.F) {
	e := enginetest.Note(f, "seed")
	for _, frame := range relaytest.HostileFrames("r1", e, enginetest.Note(f, "other")) {
		f.Add([]byte(frame))
	}
	f.Add([]byte(`["EVENT","r1",` + e.String() + `]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := wire.ParseFrame(data)
		if err != nil {
			return
		}
		// What we take for JSON, others must too.
		var parts []json.RawMessage
		if json.Unmarshal(data, &parts) != nil {
			t.Fatalf("%q is not JSON", data)
		}
		label, id, raw := frame.Label, string(frame.ID), frame.Event
		var want string
		if label != "" && (json.Unmarshal(parts[0], &want) != nil || want != label) {
			t.Fatalf("label %q of %q", label, data)
		}
		if label == "EVENT" && (json.Unmarshal(parts[1], &want) != nil || want != id) {
			t.Fatalf("id %q of %q", id, data)
		}
		checkEvent(t, raw)
	})
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(enginetest.Note(f, "seed \"\\\n é").String()))
	f.Add([]byte(`{"id":"` + strings.Repeat("0", 64) + `","tags":[["a"]],"created_at":-1,"kind":0}`))
	f.Fuzz(checkEvent)
}

// checkEvent compares our reading with encoding/json's.
func checkEvent(t *testing.T, raw []byte) {
	t.Helper()
	e, err := wire.ParseEvent(raw)
	if err != nil {
		return
	}
	var want nostr.Event
	if err := json.Unmarshal(raw, &want); err != nil || want.String() != e.String() {
		t.Fatalf("%q: read as %v, want %v (%v)", raw, e, want, err)
	}
	if !e.CheckID() {
		t.Fatalf("%q has a forged id", raw)
	}
}
