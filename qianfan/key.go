package qianfan

import (
	"fmt"
	"strings"
	"unicode"
)

// CheckKey reports why a pair of keys cannot sign requests, in a sentence for
// the person who configured them. It looks at their form only: nil does not
// mean that Baidu knows the pair. The error never contains a key.
func CheckKey(accessKey, secretKey string) error {
	const remedy = "create an Access Key / Secret Key pair of an IAM sub-user that has" +
		" the policy QianfanServiceReadAccessPolicy, and use that"
	for _, key := range []struct{ name, value string }{
		{"access key", accessKey},
		{"secret key", secretKey},
	} {
		switch {
		case key.value == "":
			return fmt.Errorf("the %s is missing: %s", key.name, remedy)
		case strings.HasPrefix(key.value, "bce-v3/"): // sent as a Bearer token elsewhere (qianfan/s/tmh4suzoh)
			return fmt.Errorf("the %s is an API key for model calls (bce-v3/...), which cannot sign requests: %s", key.name, remedy)
		case strings.ContainsFunc(key.value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
			return fmt.Errorf("the %s contains white space or a control character: copy it again", key.name)
		}
	}
	return nil
}
