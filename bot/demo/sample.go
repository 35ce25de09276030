package demo

import (
	"fmt"
	"time"

	"computeunits/qianfan/qianfantest"
)

// begins is when the world of the demo begins on a day: shortly before the
// digest.
func begins(day time.Time) time.Time {
	year, month, date := day.UTC().Date()
	return time.Date(year, month, date, 8, 55, 0, 0, time.UTC)
}

// seed fills Qianfan as it might be at the moment when the bot is set up. What
// expires has just come so near that people are reminded of it: of what came
// near earlier they would read that it is days late, and wonder.
func seed(q *qianfantest.Server, now time.Time) {
	const day = 24 * time.Hour
	prepaid := func(id string, replicas int, left time.Duration) qianfantest.Instance {
		expires := now.Add(left)
		months := 1 + int(left/(28*day)) // enough to have started by now
		return qianfantest.Instance{ID: id, PaymentTiming: "Prepaid", ReplicasCount: replicas, Status: "Running",
			StartTime: expires.AddDate(0, -months, 0), ExpiredTime: expires}
	}
	// Many, bought month by month. Whoever begins to watch them is told in time.
	many := make([]qianfantest.Instance, 130)
	for i := range many {
		many[i] = prepaid(fmt.Sprintf("e%07xxxx%09x", 0x1a2b3c+i*7919, 0x5d4e3f2a+i*104729), 1+i%8, time.Duration(33+30*(i/13))*day)
	}
	q.Set(qianfantest.BigService, many...)
	q.Set(qianfantest.EmptyService)
	q.Set(qianfantest.ExampleService,
		prepaid("17d0e8b2xxx90c54fa3", 4, day),
		prepaid("c84f10d3xxx6e29ab75", 8, 3*day),
		prepaid("a0085162xxx9d19e58e", 5, 7*day),
		prepaid("5e62a7c9xxx1b8d03f4", 1, 14*day),
		prepaid("b3c19f40xxx27ae61d0", 2, 30*day),
		qianfantest.Instance{ID: "f97b2c51xxx804ed36a", PaymentTiming: "Prepaid", ReplicasCount: 3, Status: "Creating",
			StartTime: "", ExpiredTime: ""},
		qianfantest.Instance{ID: "2ad6093exxx7f1c5b48", PaymentTiming: "Postpaid", ReplicasCount: 1, Status: "Running",
			StartTime: now.Add(-40 * day), ExpiredTime: ""},
	)
	q.Set(qianfantest.HealthyService,
		prepaid("90e5b3f7xxx4c1d82e6", 2, 45*day),
		prepaid("d41c7e05xxx39b2f68a", 6, 80*day),
	)
}
