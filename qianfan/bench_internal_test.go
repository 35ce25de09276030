package qianfan

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func BenchmarkSign(b *testing.B) {
	s := signable{"POST", "/v2/serviceresources", "Action=DescribeComputeUnits",
		[]header{{"host", "qianfan.baidubce.com"}, {"x-bce-date", "2026-01-02T03:04:05Z"}}}
	b.ReportAllocs()
	for b.Loop() {
		sign(testAccessKey, testSecretKey, testInstant, 1800*time.Second, s)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, instances := range []int{5, 100} {
		b.Run(fmt.Sprintf("instances=%d", instances), func(b *testing.B) {
			row := `{"instanceId":"a0085162xxx9d19e58e","paymentTiming":"Prepaid","replicasCount":5,"status":"Running",` +
				`"startTime":"2024-04-01T10:00:00Z","expiredTime":"2024-05-01T10:00:00Z"}`
			body := []byte(`{"requestId":"1bef3f87-cxxxx50f9884f10d4","result":{"instances":[` +
				strings.TrimSuffix(strings.Repeat(row+",", instances), ",") + `]}}`)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, refusal := interpret(http.StatusOK, nil, body, nil, testInstant); refusal != nil {
					b.Fatal(refusal)
				}
			}
		})
	}
}
