package actions_test

import "testing"

// BenchmarkReply is the work for one mention in a thread, without signing.
func BenchmarkReply(b *testing.B) {
	action := mustBuild(b, "reply", `{"content": "Hi!"}`)
	run := worldRun()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := action.Act(b.Context(), run); err != nil {
			b.Fatal(err)
		}
	}
}
