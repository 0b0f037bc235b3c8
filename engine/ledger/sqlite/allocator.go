package sqlite

import "modernc.org/libc"

// Sizes for which SQLite asks again and again while it changes a page: more than its own reserve holds.
const (
	leastHeld = 1 << 11
	mostHeld  = 1 << 14
)

// warm keeps SQLite's allocator from returning memory to the system that it needs again at the next statement: it
// gives back a block as soon as nothing lies in it, two system calls for each page that a commit splits. One small piece
// in each kind of block stays there for as long as the ledger is open.
func holdMemory() (cool func()) {
	tls := libc.NewTLS()
	var pieces []uintptr
	for size := leastHeld; size <= mostHeld; size *= 2 {
		if p := libc.Xmalloc(tls, libc.Tsize_t(size)); p != 0 {
			pieces = append(pieces, p)
		}
	}
	return func() {
		for _, p := range pieces {
			libc.Xfree(tls, p)
		}
		tls.Close()
	}
}
