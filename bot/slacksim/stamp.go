package slacksim

import (
	"fmt"
	"strconv"
	"strings"
)

// stamp is a message timestamp in microseconds since 1970.
type stamp int64

func (s stamp) String() string { return fmt.Sprintf("%d.%06d", s/1e6, s%1e6) }

// parseStamp reads "1512085950", "1512085950.0002" or "1512085950.000216".
func parseStamp(text string) (stamp, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseUint(whole, 10, 40)
	if err != nil || len(fraction) > 6 {
		return 0, false
	}
	micros := uint64(0)
	if fraction != "" {
		micros, err = strconv.ParseUint((fraction + "00000")[:6], 10, 32)
		if err != nil {
			return 0, false
		}
	}
	return stamp(seconds*1e6 + micros), true
}
