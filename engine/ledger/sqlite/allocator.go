package sqlite

import "modernc.org/libc"

// leastHeld and mostHeld are the sizes that SQLite allocates again and again while it changes a page, beyond its own
// cache.
const (
	leastHeld = 1 << 11
	mostHeld  = 1 << 14
)

// holdMemory keeps one small allocation in each kind of block of the allocator while the ledger is open. Without it the
// allocator returns each empty block to the system and asks for it again at the next statement: two system calls for
// each page that a commit splits.
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
