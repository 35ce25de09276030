package plan

import (
	"testing"
	"time"

	"computeunits/qianfan"
)

// What the tests begin with, as in package notifytest, which uses this one.
const (
	day       = 24 * time.Hour
	channelID = "C0123456789"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func unit(id string, expires time.Time) qianfan.Instance {
	return qianfan.Instance{ID: id, Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Running, Expires: expires}
}

// seen is a complete reading of svco-a at a moment.
func seen(at time.Time, instances ...qianfan.Instance) Observation {
	return Observation{Service: "svco-a", At: at, Instances: instances}
}

func defaults(services ...string) Settings {
	ladder, err := ParseLadder("30d,14d,7d,3d,1d,0d,-1d,-6d")
	if err != nil {
		panic(err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	s := Settings{
		Channel: channelID, Before: ladder, CheckEvery: 10 * time.Minute, DigestCron: "0 9 * * *",
		Zone: zone, AllClear: AllClearNever, Lease: 45 * time.Second,
	}
	for _, id := range services {
		s.Services = append(s.Services, Service{ID: id})
	}
	return s
}

func at(now time.Time, services ...string) Evaluation {
	s := defaults(services...)
	return Evaluation{Policy: s.Policy(), Settings: s, Now: now, Started: noon.Add(-30 * day)}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var errDenied = &qianfan.Error{Op: "DescribeComputeUnits", Status: 403, Code: "AccessDenied", Message: "no permission", RequestID: "r-1"}

const ann = "U0ANN"
