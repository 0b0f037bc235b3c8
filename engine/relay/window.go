package relay

// window remembers the most recent entries: at least limit of them, at most twice as many. It drops the older half
// at once, which costs less than keeping an order. The zero value is not ready; it is not safe for concurrent use.
type window[K comparable, V any] struct {
	young, old map[K]V
	limit      int
	// weight of the young half may not pass maxWeight either, when weigh is set.
	weigh     func(V) int
	weight    int
	maxWeight int
}

func newWindow[K comparable, V any](limit int) *window[K, V] {
	return &window[K, V]{young: make(map[K]V), limit: limit}
}

func (w *window[K, V]) get(k K) (V, bool) {
	if v, ok := w.young[k]; ok {
		return v, true
	}
	v, ok := w.old[k]
	return v, ok
}

func (w *window[K, V]) put(k K, v V) {
	if w.weigh != nil {
		w.weight += w.weigh(v)
	}
	if len(w.young) >= w.limit || (w.weigh != nil && w.weight > w.maxWeight) {
		w.old, w.young = w.young, make(map[K]V)
		w.weight = 0
	}
	w.young[k] = v
}
