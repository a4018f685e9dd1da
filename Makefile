# The commands of the README. Each installs nothing and needs no network once everything is there.
SWIFT ?= swift
DOCUMENTED = ConfigCat ConfigCatCache ConfigCatInMemoryCache ConfigCatFileCache ConfigCatSQLiteCache \
    ConfigCatRedisCache
SOURCES = Package.swift Sources Tests Examples Migrations Plugins Benchmarks/Package.swift Benchmarks/Sources \
    Fuzz/Package.swift Fuzz/Sources
# All at once, hundreds of tests would wait for each other longer than their time limits allow.
WIDTH = --experimental-maximum-parallelization-width 32
# How long each target is fuzzed.
SECONDS = 60
# Which seeds are simulated.
SEEDS = 100000
FIRST = 1

.PHONY: help deps demo build test certificates bench fleet simulate fuzz fuzz-selftest sanitize docs format lint clean

help: ## List the commands.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

deps: ## Install the system packages that are missing.
	@./Scripts/deps.sh

demo: deps ## Three workers on one cache (CACHE=redis://… for another) follow a config that is edited.
	@$(SWIFT) build --product configcatctl
	@$(SWIFT) build --product LiveFlags
	@./Examples/demo.sh $(CACHE)

build: deps ## Build everything.
	$(SWIFT) build

test: deps ## Run all tests.
	$(SWIFT) test $(WIDTH)

certificates: deps ## Make certificates for the TLS server of docker-compose.yml, in certificates/.
	@./Scripts/certificates.sh certificates

bench: deps ## Measure the workloads in Benchmarks/ (takes a few minutes).
	cd Benchmarks && $(SWIFT) build -c release && .build/release/Benchmarks $(BENCH)

fleet: deps ## Measure fleets of processes: downloads, bytes, propagation, faults (some minutes).
	$(SWIFT) build -c release --scratch-path .build/fleet --product configcatctl
	@./Scripts/fleet.sh .build/fleet/release/configcatctl

simulate: deps ## Run the simulation of SEEDS=100000 seeds from FIRST=1 on, on all cores.
	$(SWIFT) build -c release --scratch-path .build/fleet --product configcatctl
	.build/fleet/release/configcatctl fleet --simulate --seeds $(SEEDS) --seed $(FIRST)

fuzz: deps ## Fuzz the target TARGET, or all, each for SECONDS=60 seconds.
	@./Scripts/fuzz.sh "$(SECONDS)" $(TARGET)

fuzz-selftest: deps ## Check that the fuzzer finds planted faults.
	@./Scripts/fuzz.sh selftest

sanitize: deps ## Run all tests under ThreadSanitizer and AddressSanitizer (long).
	@./Scripts/sanitize.sh $(SANITIZER)

docs: deps ## Build the documentation, without warnings, into docs-out/, a folder for each module.
	@mkdir -p docs-out; for module in $(DOCUMENTED); do CONFIGCAT_DOCS=1 $(SWIFT) package --scratch-path .build/docs \
	    --allow-writing-to-directory docs-out generate-documentation --target $$module \
	    --output-path docs-out/$$module --warnings-as-errors || exit 1; done

format: ## Format all sources.
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint: ## Check that all sources are formatted.
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

clean: ## Delete everything that was built.
	rm -rf .build Benchmarks/.build Fuzz/.build
