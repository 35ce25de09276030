package notify

import (
	"math/rand/v2"
)

// random is a source of chance that a seed repeats.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 20261124)) }
