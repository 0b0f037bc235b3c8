# Everything a contributor runs. `make help` lists the targets.
.DEFAULT_GOAL := help

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
TARGETS := linux/amd64 linux/arm64 linux/arm darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

test: ## all tests with the race detector
	go test -race ./...

lint: ## formatting, go vet (also for 32 bits), staticcheck, golangci-lint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	GOARCH=386 go vet ./...
	go run $(STATICCHECK) ./...
	go run $(GOLANGCI) run ./...

vuln: ## known vulnerabilities (needs the network)
	go run $(GOVULNCHECK) ./...

fuzz: ## every fuzz target for ten seconds
	@go list ./... | while read -r p; do \
	  go test -list '^Fuzz' "$$p" | grep '^Fuzz' | while read -r f; do \
	    echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s "$$p" || exit 1; \
	  done || exit 1; done

bench: ## a table of what is fast and what is not, beside others and the goals; ten minutes on an idle machine
	@go run ./cmd/bench

soak: ## ten minutes among ten relays that misbehave, ten more with a bot that is killed, and a million events
	RHEA_SOAK=10m RHEA_EVENTS=1000000 go test -run 'TestSoak|TestMillion' -timeout 60m -v ./cmd

build: ## the binary, as small as it gets
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o rhea ./cmd/rhea

cross: ## build for every target
	@for t in $(TARGETS); do \
	  echo "$$t"; CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} GOARM=7 go build -trimpath -ldflags '-s -w' -o /dev/null ./cmd/rhea || exit 1; done

.PHONY: help test lint vuln fuzz bench soak build cross
