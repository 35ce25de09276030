module computeunits

go 1.26.0

require (
	github.com/baidubce/bce-sdk-go v0.9.277
	github.com/caarlos0/env/v11 v11.4.2
	github.com/dlclark/regexp2 v1.12.0
	github.com/goccy/go-yaml v1.19.2
	github.com/google/go-cmp v0.7.0
	github.com/gorilla/websocket v1.5.3
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	github.com/slack-go/slack v0.35.0
)

require golang.org/x/text v0.41.0 // indirect
