package qianfan

import (
	"cmp"
	"fmt"
	"log/slog"
)

// Format writes the client without its keys, whatever the verb.
func (c *Client) Format(w fmt.State, _ rune) {
	if c == nil {
		fmt.Fprint(w, "qianfan.Client(nil)")
		return
	}
	fmt.Fprintf(w, "qianfan.Client(%s, at most %g/s and %d at once)", c.where(), c.MaxRPS, c.MaxConcurrent)
}

// LogValue is what slog writes: the settings without the keys.
func (c *Client) LogValue() slog.Value {
	if c == nil {
		return slog.Value{}
	}
	return slog.GroupValue(
		slog.String("base_url", c.where()),
		slog.Float64("max_rps", c.MaxRPS),
		slog.Int("max_concurrent", c.MaxConcurrent),
	)
}

// where returns the base URL if it is one, since a broken one may hold anything.
func (c *Client) where() string {
	if CheckBaseURL(c.BaseURL) != nil {
		return "invalid base URL"
	}
	return cmp.Or(c.BaseURL, DefaultBaseURL)
}
