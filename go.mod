module computeunits

go 1.26.0

require (
	github.com/baidubce/bce-sdk-go v0.9.277
	github.com/gorilla/websocket v1.5.3
)
