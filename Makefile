# The commands of the README. Each installs nothing and needs no network once everything is there.
SWIFT ?= swift
SOURCES = Package.swift Sources Tests Examples Migrations Benchmarks/Package.swift Benchmarks/Sources

.PHONY: help deps demo build test bench docs format lint clean

help: ## List the commands.
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

deps: ## Install the system packages that are missing.
	@./Scripts/deps.sh

demo: deps ## Serve a sample config, follow it, edit it, and explain what users get.
	@$(SWIFT) build --product configcatctl
	@$(SWIFT) build --product LiveFlags
	@./Examples/demo.sh

build: deps ## Build everything.
	$(SWIFT) build

test: deps ## Run all tests.
	$(SWIFT) test

bench: deps ## Measure the workloads in Benchmarks/ (takes a few minutes).
	cd Benchmarks && $(SWIFT) build -c release && .build/release/Benchmarks $(BENCH)

docs: deps ## Build the documentation, without warnings, into docs-out/.
	CONFIGCAT_DOCS=1 $(SWIFT) package --scratch-path .build/docs --allow-writing-to-directory docs-out \
	    generate-documentation --target ConfigCat --output-path docs-out --warnings-as-errors

format: ## Format all sources.
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint: ## Check that all sources are formatted.
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

clean: ## Delete everything that was built.
	rm -rf .build Benchmarks/.build
