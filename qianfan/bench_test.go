package qianfan_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

// BenchmarkComputeUnits is a whole question on loopback: sign, send, verify,
// answer, decode. The simulator's share is in it.
func BenchmarkComputeUnits(b *testing.B) {
	for _, instances := range []int{5, 100} {
		b.Run(fmt.Sprintf("instances=%d", instances), func(b *testing.B) {
			server := new(qianfantest.Server)
			loopback := httptest.NewServer(server)
			defer loopback.Close()
			client := &qianfan.Client{AccessKey: qianfantest.AccessKey, SecretKey: qianfantest.SecretKey, BaseURL: loopback.URL}
			defer client.Close()
			var askers atomic.Int32
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				id := fmt.Sprintf("svco-%d", askers.Add(1)) // each its own, or they would share calls
				server.Set(id, many(instances)...)
				for pb.Next() {
					reading, err := client.ComputeUnits(b.Context(), qianfan.Query{ServiceID: id})
					if err != nil || len(reading.Instances) != instances {
						b.Fatal(len(reading.Instances), err)
					}
				}
			})
		})
	}
}

// BenchmarkComputeUnitsClient is the client's share alone: the answer is there
// at once.
func BenchmarkComputeUnitsClient(b *testing.B) {
	server := new(qianfantest.Server)
	server.Set(service, many(5)...)
	client := server.Client()
	client.HTTP = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w.Result(), nil
	})}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.ComputeUnits(b.Context(), qianfan.Query{ServiceID: service}); err != nil {
			b.Fatal(err)
		}
	}
}

func many(n int) []qianfantest.Instance {
	instances := make([]qianfantest.Instance, n)
	for i := range instances {
		instances[i] = qianfantest.Instance{
			ID: fmt.Sprintf("a%07xxxx%08x", i, i*7919), PaymentTiming: "Prepaid", ReplicasCount: 1 + i%8, Status: "Running",
			StartTime: "2026-01-02T03:04:05Z", ExpiredTime: time.Date(2026, 4, 2, 3, 4, i, 0, time.UTC),
		}
	}
	return instances
}
