package sqlite

import (
	"hash/maphash"
	"sync"
)

const (
	// firstLayer is how many keys the first layer of a filter has room for, lastLayer the largest one. All layers have
	// room for two million keys, in 4 MiB.
	firstLayer, lastLayer = 1 << 12, 1 << 20
	// keysPerBlock is how many keys fill a block of 32 bytes; one of some thousand unknown keys is then a false hit.
	keysPerBlock = 16
)

// filter knows which keys, of claims or counters, cannot be in the file. It takes 2 to 4 bytes a key: a list of Bloom
// filters, each twice as large as the one before. Keys that expire stay in it. When the last layer has more keys than room,
// there are only more false hits. The seed is random, so that strangers cannot choose keys that collide.
type filter[K comparable] struct {
	seed maphash.Seed

	mu     sync.RWMutex
	layers []layer
	// complete is true when all keys of the file are in it.
	complete bool
}

// layer is a Bloom filter in blocks: a key sets a bit in each word of one block.
type layer struct {
	blocks [][8]uint32
	room   int
}

func newFilter[K comparable]() *filter[K] { return &filter[K]{seed: maphash.MakeSeed()} }

func (f *filter[K]) add(keys ...K) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range keys {
		h := maphash.Comparable(f.seed, k)
		if f.has(h) {
			continue
		}
		last := len(f.layers) - 1
		if last < 0 || f.layers[last].room <= 0 && len(f.layers[last].blocks) < lastLayer/keysPerBlock {
			size := firstLayer << len(f.layers)
			f.layers = append(f.layers, layer{blocks: make([][8]uint32, size/keysPerBlock), room: size})
			last++
		}
		f.layers[last].add(h)
	}
}

// setComplete notes that all keys of the file were added.
func (f *filter[K]) setComplete() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.complete = true
}

// lacks reports whether a key is certainly not in the file.
func (f *filter[K]) lacks(k K) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.complete && !f.has(maphash.Comparable(f.seed, k))
}

// has reports whether a layer has a hash. The caller holds the lock.
func (f *filter[K]) has(h uint64) bool {
	for i := range f.layers {
		if f.layers[i].has(h) {
			return true
		}
	}
	return false
}

// block returns the block of a hash: the upper 24 bits choose it, and five further bits the bit in each of its words.
func (l *layer) block(h uint64) *[8]uint32 { return &l.blocks[h>>40&uint64(len(l.blocks)-1)] }

func (l *layer) add(h uint64) {
	words := l.block(h)
	for i := range words {
		words[i] |= 1 << (h >> (5 * i) & 31)
	}
	l.room--
}

func (l *layer) has(h uint64) bool {
	for i, word := range l.block(h) {
		if word&(1<<(h>>(5*i)&31)) == 0 {
			return false
		}
	}
	return true
}
