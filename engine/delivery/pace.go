package delivery

import "time"

// Bounds of a relay's pace. Public relays are known to take six events a minute; none has been seen to ask for less
// than one.
const (
	fastestPace = time.Second
	slowestPace = time.Minute
	// paceStep is by how many events a minute the pace rises with every minute without a complaint.
	paceStep = 2
	// paceForgotten is after how long without a complaint a relay is as good as one that never complained.
	paceForgotten = time.Hour
)

// pace is how fast one relay takes events: as fast as it answers until it complains, then half as fast at every
// complaint, and a little faster for every minute of peace. The zero value knows of no complaint.
type pace struct {
	// every is the least time between two events; 0 means none.
	every      time.Duration
	complained time.Time
	// after is the last turn before the latest complaint.
	after int
	risen time.Time
	next  time.Time
	// sent counts the events since begun, at most a minute long.
	sent  int
	begun time.Time
}

// ready reports when the next event may be sent.
func (p *pace) ready(now time.Time) time.Time {
	if p.every == 0 {
		return now
	}
	if now.Sub(p.complained) >= paceForgotten {
		*p = pace{}
		return now
	}
	if minutes := int(now.Sub(p.risen) / time.Minute); minutes > 0 {
		p.risen = p.risen.Add(time.Duration(minutes) * time.Minute)
		p.every = time.Duration(float64(time.Minute) / (float64(time.Minute)/float64(p.every) + float64(minutes*paceStep)))
	}
	return p.next
}

// send notes that an event is being sent.
func (p *pace) send(now time.Time) {
	if now.Sub(p.begun) > time.Minute {
		p.sent, p.begun = 0, now
	}
	p.sent++
	p.next = now.Add(p.every)
}

// slow notes a complaint.
func (p *pace) slow(now time.Time) {
	if p.every == 0 {
		p.every = min(max(2*time.Minute/time.Duration(max(p.sent, 1)), fastestPace), slowestPace)
	} else {
		p.every = min(2*p.every, slowestPace)
	}
	p.complained, p.risen, p.next = now, now, now.Add(p.every)
}
