package config

import (
	"net/url"
	"slices"
	"strings"
)

// proxyFaults checks the proxy by way of which Slack and Qianfan are reached.
// Go leaves out one that it cannot read, and what dials directly then hangs, or
// leaves the house by another door; the socket knows fewer kinds than requests
// do. The address is not repeated: it may have a password.
func proxyFaults(set map[string]string) (faults []string) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		value, is := set[name]
		if !is {
			continue
		}
		if !strings.Contains(value, "://") {
			value = "http://" + value // as Go reads it
		}
		u, err := url.Parse(value)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "socks5"}, u.Scheme) {
			faults = append(faults, name+" must be the address of a proxy, such as http://proxy.example:3128 or socks5://proxy.example:1080 (in its password, special characters are written as %40 and the like)")
		}
	}
	return faults
}
