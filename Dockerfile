# The image holds one static binary, the roots of trust and the time zones:
# no shell, no package manager, no root. Nothing listens; it only dials out.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=(devel)
RUN mkdir /data && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.builtAs=${VERSION}" -o /computeunits .

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /computeunits /computeunits
# The ledger. Without a volume it is gone with the container.
COPY --from=build --chown=65532:65532 /data /data
WORKDIR /data
VOLUME /data
USER 65532:65532
ENTRYPOINT ["/computeunits"]
