package cron

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// LoadZone returns the zone with a name of the IANA database, or UTC.
func LoadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err == nil {
		return zone, nil
	}
	if place := placeOf(name); place != "" {
		return nil, fmt.Errorf("%q is not a time zone; write %s, or another name of a place", name, place)
	}
	return nil, fmt.Errorf("%q is not a time zone; write a name such as Europe/Berlin or UTC", name)
}

// placeOf is a place with the time that an abbreviation stands for most often; "" for no abbreviation.
func placeOf(name string) string {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "EST", "EDT", "ET", "EASTERN":
		return "America/New_York"
	case "CST", "CDT", "CT", "CENTRAL":
		return "America/Chicago"
	case "MST", "MDT", "MT", "MOUNTAIN":
		return "America/Denver"
	case "PST", "PDT", "PT", "PACIFIC":
		return "America/Los_Angeles"
	case "AKST", "AKDT":
		return "America/Anchorage"
	case "BST":
		return "Europe/London"
	case "CEST", "MEZ", "MESZ":
		return "Europe/Berlin"
	case "EEST":
		return "Europe/Helsinki"
	case "WEST":
		return "Europe/Lisbon"
	case "MSK":
		return "Europe/Moscow"
	case "BRT":
		return "America/Sao_Paulo"
	case "IST":
		return "Asia/Kolkata"
	case "JST":
		return "Asia/Tokyo"
	case "KST":
		return "Asia/Seoul"
	case "HKT":
		return "Asia/Hong_Kong"
	case "SGT":
		return "Asia/Singapore"
	case "AEST", "AEDT":
		return "Australia/Sydney"
	case "NZST", "NZDT":
		return "Pacific/Auckland"
	}
	return ""
}

// offsetZone is a zone that is so many hours from Greenwich, with the sign the wrong way round (POSIX).
var offsetZone = regexp.MustCompile(`^Etc/GMT([+-])([0-9]+)$`)

// OddZone says what is probably not meant by a zone that exists: a winter time for the whole year. Message is "" when
// nothing is.
func OddZone(name string) (message, hint string) {
	if m := offsetZone.FindStringSubmatch(name); m != nil && m[2] != "0" {
		side := map[string]string{"+": "behind", "-": "ahead of"}[m[1]]
		return fmt.Sprintf("%s is %s hours %s Greenwich, in summer too", name, m[2], side),
			"write the name of a place, such as Europe/Berlin or America/New_York"
	}
	switch name {
	case "EST":
		return "EST is winter time all year: in summer it is an hour off", "write America/New_York, or America/Panama, which has no summer time"
	case "MST":
		return "MST is winter time all year: in summer it is an hour off", "write America/Denver, or America/Phoenix, which has no summer time"
	}
	return "", ""
}
