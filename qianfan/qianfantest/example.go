package qianfantest

import (
	"fmt"
	"time"
)

// The services of SeedExample.
const (
	// ExampleService needs attention: it has the instance of the API's
	// documentation, long expired, and others that expire from hours to weeks
	// from now, one that is being created, and one that is paid by use.
	ExampleService = "svco-48exxxa594"
	// HealthyService has nothing to worry about for weeks.
	HealthyService = "svco-7fq2xxk301"
	// EmptyService exists and has no instances.
	EmptyService = "svco-c0nexxb777"
	// BigService has 130 instances.
	BigService = "svco-biglist000"
)

// SeedExample sets up four services as they might be at the instant now.
func (s *Server) SeedExample(now time.Time) {
	const day = 24 * time.Hour
	now = now.UTC().Truncate(time.Minute)
	running := func(id string, replicas int, expiresIn time.Duration) Instance {
		expires, months := now.Add(expiresIn), 1+int(expiresIn/(28*day)) // enough to have started by now
		return Instance{ID: id, PaymentTiming: "Prepaid", ReplicasCount: replicas, Status: "Running",
			StartTime: expires.AddDate(0, -months, 0), ExpiredTime: expires}
	}

	s.Set(ExampleService,
		Instance{ID: "a0085162xxx9d19e58e", PaymentTiming: "Prepaid", ReplicasCount: 5, Status: "Running",
			StartTime: "2024-04-01T10:00:00Z", ExpiredTime: "2024-05-01T10:00:00Z"},
		running("b3c19f40xxx27ae61d0", 2, 20*day),
		running("17d0e8b2xxx90c54fa3", 4, 5*time.Hour),
		running("5e62a7c9xxx1b8d03f4", 1, 6*day),
		running("c84f10d3xxx6e29ab75", 8, 2*day+3*time.Hour),
		Instance{ID: "f97b2c51xxx804ed36a", PaymentTiming: "Prepaid", ReplicasCount: 3, Status: "Creating",
			StartTime: "", ExpiredTime: ""},
		Instance{ID: "2ad6093exxx7f1c5b48", PaymentTiming: "Postpaid", ReplicasCount: 1, Status: "Running",
			StartTime: now.Add(-40 * day), ExpiredTime: ""},
	)
	s.Set(HealthyService,
		running("d41c7e05xxx39b2f68a", 6, 80*day),
		running("90e5b3f7xxx4c1d82e6", 2, 45*day),
	)
	s.Set(EmptyService)

	many := make([]Instance, 130)
	for i := range many {
		many[i] = running(fmt.Sprintf("e%07xxxx%09x", 0x1a2b3c+i*7919, 0x5d4e3f2a+i*104729), 1+i%8, time.Duration(1+i*2)*day)
	}
	s.Set(BigService, many...)
}
