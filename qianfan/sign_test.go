package qianfan

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/baidubce/bce-sdk-go/auth"
	bcehttp "github.com/baidubce/bce-sdk-go/http"
)

const (
	testAccessKey = "ALTAKfakeAccessKeyForTests"
	testSecretKey = "fakeSecretKeyForTests0123456789ab"
)

var testInstant = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// The vectors are those of the reference: V1 is the form this client sends, V2
// what Baidu's Go SDK for Qianfan sends, V4 the example Baidu publishes.
func TestSignaturesAreThePublishedOnes(t *testing.T) {
	const prefix = "bce-auth-v1/" + testAccessKey + "/2026-01-02T03:04:05Z"
	date := header{"x-bce-date", "2026-01-02T03:04:05Z"}
	describe := func(headers ...header) signable {
		return signable{"POST", "/v2/serviceresources", "Action=DescribeComputeUnits", headers}
	}
	sdk := describe(
		header{"Content-Type", "application/json"},
		header{"Host", "qianfan.baidubce.com"},
		header{"request-source", "qianfan_go_sdk_v0.0.15"},
		date,
	)
	for _, tt := range []struct {
		name  string
		valid time.Duration
		req   signable
		want  string
	}{
		{
			name: "V1, the form to use", valid: 1800 * time.Second,
			req:  describe(header{"host", "qianfan.baidubce.com"}, date),
			want: prefix + "/1800/host;x-bce-date/92b78970b977f4a883aeeaa5cda17e3e5c7290a2a125433b5aa62b88950319e4",
		},
		{
			name: "V2, five minutes", valid: 300 * time.Second, req: sdk,
			want: prefix + "/300/content-type;host;request-source;x-bce-date/16476d2de04e9c8a7d91b90492f9b8680b0950820dc105bf67bab44b37afae80",
		},
		{
			name: "V2, half an hour", valid: 1800 * time.Second, req: sdk,
			want: prefix + "/1800/content-type;host;request-source;x-bce-date/89d9bd4c098bc78c259af8e2a45738cbd8480f95d904b5c6af2af40f46b71b4c",
		},
		{
			name: "V3, a temporary key's token", valid: 1800 * time.Second,
			req: describe(
				header{"content-type", "application/json"},
				header{"host", "qianfan.baidubce.com"},
				date,
				header{"x-bce-security-token", "fakeSTStoken/with+chars=="},
			),
			want: prefix + "/1800/content-type;host;x-bce-date;x-bce-security-token/cf8ea0d673883a01d2798d0c97ede2f5a0962652b09c70780786f6314bb76d0c",
		},
		{
			name: "V5, a host with its port", valid: 1800 * time.Second,
			req:  describe(header{"host", "127.0.0.1:8080"}, date),
			want: prefix + "/1800/host;x-bce-date/f8062d8af6fcf1dad528cce806562e262fd37e1c41cd5fa291b0e45ee15c0cb4",
		},
		{
			name: "V6, Chinese, plus and slash in the query", valid: 1800 * time.Second,
			req: signable{"POST", "/v2/service", "Action=DescribeServices&x=%E4%B8%AD+a%2Fb~c",
				[]header{{"host", "qianfan.baidubce.com"}, date}},
			want: prefix + "/1800/host;x-bce-date/f26474e527fc8c72c4bc7537c9b1bfa4a745776c79c4544bb866cb7efd3d80ab",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sign(testAccessKey, testSecretKey, testInstant, tt.valid, tt.req); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}

	t.Run("V4, Baidu's published example", func(t *testing.T) {
		got := sign("0b0f67dfb88244b289b72b142befad0c", "bad522c2126a4618a8125f4b6cf6356f",
			time.Date(2015, 4, 27, 8, 23, 49, 0, time.UTC), 1800*time.Second,
			signable{"PUT", "/v1/test/myfolder/readme.txt", "partNumber=9&uploadId=VXBsb2FkIElpZS5tMnRzIHVwbG9hZA", []header{
				{"content-length", "8"},
				{"content-md5", "0a52730597fb4ffa01fc117d9e71e3a9"},
				{"content-type", "text/plain"},
				{"host", "bj.bcebos.com"},
				{"x-bce-date", "2015-04-27T08:23:49Z"},
			}})
		want := "bce-auth-v1/0b0f67dfb88244b289b72b142befad0c/2015-04-27T08:23:49Z/1800/" +
			"content-length;content-md5;content-type;host;x-bce-date/a19e6386e990691aca1114a20357c83713f1cb4be3d74942bb4ed37469ecdacf"
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestASignatureDependsOnAllItCovers(t *testing.T) {
	base := signable{"POST", "/v2/serviceresources", "Action=DescribeComputeUnits", []header{{"host", "h:1"}, {"x-bce-date", "d"}}}
	signed := func(change func(*signable)) string {
		s := base
		s.headers = slices.Clone(base.headers)
		change(&s)
		return sign(testAccessKey, testSecretKey, testInstant, time.Hour, s)
	}
	original := signed(func(*signable) {})
	for name, change := range map[string]func(*signable){
		"method":     func(s *signable) { s.method = "GET" },
		"path":       func(s *signable) { s.path += "/" },
		"query":      func(s *signable) { s.query += "&x" },
		"port":       func(s *signable) { s.headers[0].value = "h" },
		"date":       func(s *signable) { s.headers[1].value = "e" },
		"one header": func(s *signable) { s.headers = s.headers[:1] },
	} {
		if signed(change) == original {
			t.Errorf("another %s has the same signature", name)
		}
	}
	for name, change := range map[string]func(*signable){
		"order of headers":    func(s *signable) { slices.Reverse(s.headers) },
		"case of header":      func(s *signable) { s.headers[0].name = "HOST" },
		"white space":         func(s *signable) { s.headers[0].value = "  h:1\t" },
		"header without text": func(s *signable) { s.headers = append(s.headers, header{"x-bce-security-token", " "}) },
		"escape of query":     func(s *signable) { s.query = "%41ction=DescribeComputeUnits&" },
		"leading slash":       func(s *signable) { s.path = "v2/serviceresources" },
		"signature in query":  func(s *signable) { s.query += "&Authorization=bce" },
	} {
		if signed(change) != original {
			t.Errorf("another %s has another signature", name)
		}
	}
}

// FuzzSignatureAgreesWithTheSDK compares with the signer of bce-sdk-go, which
// these tests alone may import.
func FuzzSignatureAgreesWithTheSDK(f *testing.F) {
	f.Add("AK", "SK", "POST", "/v2/serviceresources", "Action=DescribeComputeUnits", "127.0.0.1:8080", "x-bce-security-token", "a/b+c==", int64(1767323045), uint16(1800))
	f.Add("", "", "", "", "", "", "", "", int64(1), uint16(0))
	f.Add("a/b", "钥匙", "PUT", "no/leading//slash/", "x=%E4%B8%AD+a%2Fb~c&b&=c&a=1", "HOST:1", "A-B", " \t ", int64(-1), uint16(300))
	f.Add("ak", "sk", "GET", "/%zz/é?#", "%zz=1&a=%&;=;&&", "\x00\xff", "a", "a", int64(1<<33), uint16(65535))
	f.Fuzz(func(t *testing.T, accessKey, secretKey, method, path, query, host, name, value string, unix int64, seconds uint16) {
		unix %= 253402300800 // years after 9999 have no agreed form
		if unix == 0 {
			unix = 1 // which the SDK takes for "now"
		}
		params, ok := uniqueParams(query)
		if !ok {
			t.Skip("the SDK cannot express the same parameter twice")
		}
		name = strings.ToLower(name)
		if name == "authorization" || name == "host" || name == "x-bce-request-id" {
			t.Skip("the SDK never signs these, or signs host once")
		}

		var request bcehttp.Request
		request.SetMethod(method)
		request.SetUri(path)
		request.SetParams(params)
		request.SetHeader("host", host)
		request.SetHeader(name, value)
		new(auth.BceV1Signer).Sign(&request,
			&auth.BceCredentials{AccessKeyId: accessKey, SecretAccessKey: secretKey},
			&auth.SignOptions{HeadersToSign: map[string]struct{}{"host": {}, name: {}}, Timestamp: unix, ExpireSeconds: int(seconds)})
		want := request.Header("Authorization")

		got := sign(accessKey, secretKey, time.Unix(unix, 0), time.Duration(seconds)*time.Second,
			signable{method, path, query, []header{{name, value}, {"host", host}}})
		if got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// uniqueParams reads a raw query into the map the SDK signs from.
func uniqueParams(raw string) (params map[string]string, ok bool) {
	params = make(map[string]string)
	for param := range strings.SplitSeq(raw, "&") {
		if param == "" {
			continue
		}
		key, value, _ := strings.Cut(param, "=")
		for _, s := range []*string{&key, &value} {
			if plain, err := url.QueryUnescape(*s); err == nil {
				*s = plain
			}
		}
		if _, twice := params[key]; twice {
			return nil, false
		}
		params[key] = value
	}
	return params, true
}
