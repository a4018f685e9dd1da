# The commands of the README. They need the network only to install or fetch what is missing.
SWIFT ?= swift
DOCUMENTED = ConfigCat ConfigCatCache ConfigCatCacheTesting ConfigCatConfiguration ConfigCatEvaluation ConfigCatFileCache \
    ConfigCatInMemoryCache ConfigCatOpenFeature ConfigCatRedisCache ConfigCatSQLiteCache ConfigCatTesting
SOURCES = Package.swift Sources Tests Migrations Plugins Snippets Benchmarks/Package.swift Benchmarks/Sources \
    Examples/LiveFlags Examples/Shop/Package.swift Examples/Shop/Sources Examples/Shop/Tests Fuzz/Package.swift Fuzz/Sources
# Hundreds of tests at once would delay each other beyond their time limits.
WIDTH = --experimental-maximum-parallelization-width 32
# How long each target is fuzzed, in seconds.
SECONDS = 60
# The number of simulated seeds, and the first one.
SEEDS = 100000
FIRST = 1
# Leaves no graphs of an earlier state of the sources if it fails.
DUMP_SYMBOL_GRAPHS = rm -rf .build/*/symbolgraph; \
    output=$$($(SWIFT) package dump-symbol-graph --minimum-access-level public --skip-synthesized-members 2>&1) || \
    { echo "$$output"; exit 1; }

.PHONY: help deps demo example build test test-example test-fast certificates bench bench-serve dev fleet simulate fuzz fuzz-selftest sanitize docs api api-check \
    demo-picture page-pictures badges check-snippets check-yaml format lint clean

help: ## List the commands.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

deps: ## Install the system and Python packages that are missing.
	@./Scripts/deps.sh

demo: ## Run three workers that share a cache (CACHE=redis://… to choose it) while a config is edited.
	@./Scripts/deps.sh build
	@$(SWIFT) build --product configcatctl
	@$(SWIFT) build --product ConfigCatLiveFlags
	@./Examples/demo.sh $(CACHE)

dev: ## Open the development server on the sample config; its page is at the address that is printed.
	@./Scripts/deps.sh build
	@$(SWIFT) build --product configcatctl
	@$$($(SWIFT) build --show-bin-path)/configcatctl serve --config Examples/flags.json --port $(or $(PORT),8080)

example: ## Run three servers of Examples/Shop under load (CACHE=redis or sqlite), while things break.
	@./Scripts/deps.sh
	$(SWIFT) build --product configcatctl
	$(SWIFT) build -c release --package-path Examples/Shop
	@Examples/Shop/.build/release/ShopTrial --tools .build/debug --cache $(or $(CACHE),redis)

build: deps ## Build everything.
	$(SWIFT) build

test: deps ## Run all tests.
	$(SWIFT) test $(WIDTH)

test-example: deps ## Test Examples/Shop, and run it for some seconds on Redis and on SQLite.
	$(SWIFT) build --product configcatctl
	$(SWIFT) test --package-path Examples/Shop
	Examples/Shop/.build/debug/ShopTrial --tools .build/debug --cache redis --seconds 1
	Examples/Shop/.build/debug/ShopTrial --tools .build/debug --cache sqlite --seconds 1

test-fast: deps ## Run the unit tests that need no processes, network, waiting or much computing.
	$(SWIFT) test --skip IntegrationTests --skip StressTests

certificates: deps ## Create certificates for the TLS server of docker-compose.yml, in certificates/.
	@./Scripts/certificates.sh certificates

bench: deps ## Measure the workloads in Benchmarks/ (takes a few minutes).
	cd Benchmarks && $(SWIFT) build -c release && .build/release/Benchmarks $(BENCH)

bench-serve: deps ## Measure `configcatctl serve` beside a bare server and nginx (apt-get install wrk nginx-light).
	$(SWIFT) build -c release --scratch-path .build/fleet --product configcatctl
	$(SWIFT) build -c release --scratch-path .build/fleet --product ConfigCatHelloServer
	@./Scripts/bench-serve.py .build/fleet/release

fleet: deps ## Measure fleets of processes: downloads, bytes, propagation, faults (takes some minutes).
	$(SWIFT) build -c release --scratch-path .build/fleet --product configcatctl
	@./Scripts/fleet.sh .build/fleet/release/configcatctl

simulate: deps ## Simulate SEEDS=100000 seeds, beginning with FIRST=1, on all cores.
	$(SWIFT) build -c release --scratch-path .build/fleet --product configcatctl
	.build/fleet/release/configcatctl fleet --simulate --seeds $(SEEDS) --seed $(FIRST)

fuzz: deps ## Fuzz TARGET, or each target, for SECONDS=60 seconds.
	@./Scripts/fuzz.sh "$(SECONDS)" $(TARGET)

fuzz-selftest: deps ## Check that the fuzzer finds planted faults.
	@./Scripts/fuzz.sh selftest

sanitize: deps ## Run all tests under ThreadSanitizer and AddressSanitizer (takes long).
	@./Scripts/sanitize.sh $(SANITIZER)

docs: deps ## Build the documentation, and docs-out/site from it, which opens without a server; warnings are errors.
	CONFIGCAT_DOCS=1 $(SWIFT) package --scratch-path .build/docs --allow-writing-to-directory docs-out \
	    generate-documentation $(DOCUMENTED:%=--target %) --output-path docs-out \
	    --warnings-as-errors --experimental-skip-synthesized-symbols
	@./Scripts/docs-site.py docs-out $(DOCUMENTED)

api: deps ## Replace the API baseline in api/, after an intended change.
	@$(DUMP_SYMBOL_GRAPHS)
	@./Scripts/api.py write "$$(ls -d .build/*/symbolgraph)"

api-check: deps ## Compare the public API with the baseline in api/.
	@$(DUMP_SYMBOL_GRAPHS)
	@./Scripts/api.py check "$$(ls -d .build/*/symbolgraph)"

demo-picture: demo ## Record `make demo`, and draw the README's picture.
	@./Scripts/demo-picture.py record docs/demo.txt ./Examples/demo.sh
	@./Scripts/demo-picture.py draw docs/demo.txt docs/demo.svg

page-pictures: deps ## Take pictures of the page of `configcatctl serve` in its main states, in docs-out/page/.
	$(SWIFT) build --product configcatctl
	@python3 -B Tests/ConfigCatServingTests/Python/page_pictures.py .build/debug/configcatctl docs-out/page

badges: ## Draw the README's static badges.
	@./Scripts/badges.py

check-snippets: ## Check that all Swift code of the README and the guides is in Snippets/, which is compiled.
	@./Scripts/check-snippets.py

check-yaml: ## Check workflows, templates and docker-compose.yml.
	@./Scripts/check-yaml.sh

format: ## Format all sources.
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint: check-snippets ## Check the format of all sources, and that all code of the guides is compiled.
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

clean: ## Delete all build products.
	rm -rf .build Benchmarks/.build Examples/Shop/.build Fuzz/.build
