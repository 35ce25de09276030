package bot_test

import (
	"strings"
	"testing"
	"time"

	"computeunits/qianfan/qianfantest"
)

func TestSomeoneAsksAndIsAnswered(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		answer := w.asks(lookup)
		w.sees(answer, "Prepaid compute units of svco-48exxxa594", "a0085162xxx9d19e58e", "Running", "2024-05-01 10:00 UTC", "replicas")
		if answer.Via != "response_url" || len(answer.Blocks) == 0 {
			t.Errorf("came via %s with %d bytes of blocks", answer.Via, len(answer.Blocks))
		}
		calls := w.qianfan.Calls()
		if len(calls) != 1 || string(calls[0].Body) != `{"serviceId":"svco-48exxxa594","paymentTiming":"Prepaid"}` {
			t.Errorf("Qianfan was asked %+v", calls)
		}
		if !strings.Contains(answer.Plain(), calls[0].RequestID) {
			t.Errorf("the request id %s is not shown in %s", calls[0].RequestID, answer.Plain())
		}
		w.content()
	})
}

func TestEveryWayToAskIsAnswered(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		for line, want := range map[string]string{
			"/computeunits":                                       "/computeunits svco-48exxxa594 prepaid",
			"/computeunits help":                                  "Only you see the answers.",
			"/computeunits 帮助":                                    "Only you see the answers.",
			"/computeunits postpaid SVCO-48EXXXA594":              "Postpaid compute units of svco-48exxxa594",
			"/computeunits svco-48exxxa594\u00a0预付费":              "Prepaid compute units of svco-48exxxa594",
			"/computeunits svco-48exxxa594":                       "Compute units of svco-48exxxa594",
			"/computeunits svco-c0nexxb777":                       "Qianfan lists no instances for svco-c0nexxb777.",
			"/computeunits svco-c0nexxb777 prepaid":               "Qianfan lists no prepaid instances for svco-c0nexxb777. Either none was bought",
			"/computeunits svco-biglist000":                       "1 to 64 of 130",
			"/computeunits svco-48exxxa594 preprid":               "Did you mean /computeunits svco-48exxxa594 prepaid ?",
			"/computeunits svco-48exxxa594 frobnicate":            "I do not know the word “frobnicate”.",
			"/computeunits <!channel>":                            "I do not know the word “<!channel>”.",
			"/computeunits @alice":                                "I do not know the word",
			"/computeunits `*_~ &lt;!here&gt; \x07\u202e":         "I do not know the word",
			"/computeunits " + strings.Repeat("prepaid ", 400):    "longer than any command",
			"/computeunits svco-48exxxa594 svco-7fq2xxk301":       "one service at a time",
			"/computeunits svco-unknown99":                        "Qianfan does not know this service.",
			"/computeunits prepaid":                               "Which service?",
			"/computeunits svco-" + strings.Repeat("x", 100) + "": "is not the ID of a service",
		} {
			answer := w.asks(line)
			w.sees(answer, want)
			for _, ping := range []string{"<!", "<@", "<#"} {
				if text := strings.ReplaceAll(answer.Text, "<!date^", ""); strings.Contains(text, ping) {
					t.Errorf("%q: the answer pings somebody: %s", line, answer.Text)
				}
			}
		}
		w.content()
	})
}

func TestATypoInAKnownServiceIsRecognised(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		w.asks(lookup)
		w.sees(w.asks("/computeunits svco-48exxxa549 prepaid"),
			"Qianfan does not know this service.", "ResourceNotFound", "Did you mean /computeunits svco-48exxxa594 prepaid ?")
	})
}

func TestEveryErrorOfQianfanIsExplained(t *testing.T) {
	const notEmpty = "I cannot say what expires"
	for name, c := range map[string]struct {
		fault qianfantest.Fault
		wants []string
	}{
		"wrong access key":  {qianfantest.Fault{Status: 403, Code: "NotFound", Message: "cause: Could not find credential."}, []string{"QIANFAN_ACCESS_KEY", "HTTP 403", "request "}},
		"wrong secret key":  {qianfantest.Fault{Status: 400, Code: "SignatureDoesNotMatch", Message: "cause: Fail to authn user: Signature does not match"}, []string{"QIANFAN_SECRET_KEY", "code SignatureDoesNotMatch"}},
		"clock":             {qianfantest.Fault{Status: 400, Code: "RequestExpired"}, []string{"clock", "code RequestExpired"}},
		"policy":            {qianfantest.Fault{Status: 403, Code: "AccessDenied", Message: "no <!channel> policy"}, []string{"QianfanServiceReadAccessPolicy", "code AccessDenied", "<!channel>"}},
		"too often":         {qianfantest.Fault{Status: 429, Code: "RateLimit"}, []string{"asked too often", "HTTP 429"}},
		"broken":            {qianfantest.Fault{Status: 500, Code: "InternalError"}, []string{notEmpty, "code InternalError"}},
		"gateway":           {qianfantest.Fault{Status: 502, HTML: true}, []string{notEmpty, "HTTP 502"}},
		"headers only":      {qianfantest.Fault{Status: 403, Code: "AccessDenied", Message: "no", HeaderOnly: true}, []string{"QianfanServiceReadAccessPolicy"}},
		"error with 200":    {qianfantest.Fault{Status: 200, Body: `{"error_code":336501,"error_msg":"invalid model"}`}, []string{"answers in a form that this version does not know", "code 336501"}},
		"truncated":         {qianfantest.Fault{Truncate: true}, []string{notEmpty}},
		"no result":         {qianfantest.Fault{Status: 200, Body: `{"requestId":"r-1"}`}, []string{"answers in a form that this version does not know", "request r-1"}},
		"out of reach":      {qianfantest.Fault{DropBefore: true}, []string{"could not reach Qianfan", notEmpty}},
		"cut after reading": {qianfantest.Fault{DropAfter: true}, []string{"could not reach Qianfan", notEmpty}},
		"silent":            {qianfantest.Fault{Delay: time.Hour}, []string{notEmpty}},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, nil, func(w *world) {
				w.fails(c.fault)
				answer := w.asks(lookup)
				w.sees(answer, c.wants...)
				if strings.Contains(answer.Plain(), "lists no") || strings.Contains(answer.Text, "<!channel>") {
					t.Errorf("an error must not read as an empty list, nor ping: %s", answer.Text)
				}
				w.qianfan.Mend()
				w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
				w.content()
			})
		})
	}
}
