# The commands of the README. Each installs nothing and needs no network once everything is there.
SWIFT ?= swift
SOURCES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

.PHONY: help deps demo build test bench format lint clean

help: ## List the commands.
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

deps: ## Install the system packages that are missing.
	@./Scripts/deps.sh

demo: deps ## Evaluate a sample config for three users, with explanations.
	@$(SWIFT) build --product configcatctl
	@./Examples/demo.sh

build: deps ## Build everything.
	$(SWIFT) build

test: deps ## Run all tests.
	$(SWIFT) test

bench: deps ## Measure the workloads in Benchmarks/ (takes a few minutes).
	cd Benchmarks && $(SWIFT) run -c release Benchmarks $(BENCH)

format: ## Format all sources.
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint: ## Check that all sources are formatted.
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

clean: ## Delete everything that was built.
	rm -rf .build Benchmarks/.build
