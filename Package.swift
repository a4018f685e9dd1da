// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// The documentation plugin is for `make docs` only; users of the package do not resolve it.
let documentation: [Package.Dependency] =
    Context.environment["CONFIGCAT_DOCS"] == nil
    ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")]

// On Linux, compilers find the headers without pkg-config, which SwiftPM would require even of users of neither library.
#if os(Linux)
    let (sqlitePkgConfig, hiredisPkgConfig): (String?, String?) = (nil, nil)
#else
    let (sqlitePkgConfig, hiredisPkgConfig): (String?, String?) = ("sqlite3", "hiredis")
#endif

let package = Package(
    name: "configcat-swift-server",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ConfigCat", targets: ["ConfigCat"]),
        .library(name: "ConfigCatCache", targets: ["ConfigCatCache"]),
        .library(name: "ConfigCatCacheTesting", targets: ["ConfigCatCacheTesting"]),
        .library(name: "ConfigCatConfiguration", targets: ["ConfigCatConfiguration"]),
        .library(name: "ConfigCatEvaluation", targets: ["ConfigCatEvaluation"]),
        .library(name: "ConfigCatFileCache", targets: ["ConfigCatFileCache"]),
        .library(name: "ConfigCatInMemoryCache", targets: ["ConfigCatInMemoryCache"]),
        .library(name: "ConfigCatOpenFeature", targets: ["ConfigCatOpenFeature"]),
        .library(name: "ConfigCatRedisCache", targets: ["ConfigCatRedisCache"]),
        .library(name: "ConfigCatSQLiteCache", targets: ["ConfigCatSQLiteCache"]),
        .library(name: "ConfigCatTesting", targets: ["ConfigCatTesting"]),
        .executable(name: "configcatctl", targets: ["configcatctl"]),
        .executable(name: "configcat-generate", targets: ["configcat-generate"]),
        .plugin(name: "ConfigCatFlags", targets: ["ConfigCatFlags"]),
        .plugin(name: "GenerateConfigCatFlags", targets: ["GenerateConfigCatFlags"]),
    ],
    traits: [
        .default(enabledTraits: ["Configuration", "DistributedTracing", "ServiceLifecycle"]),
        .trait(name: "Configuration", description: "Reads a client's options with swift-configuration."),
        .trait(name: "DistributedTracing", description: "Traces evaluations, downloads and cache calls."),
        .trait(name: "ServiceLifecycle", description: "Runs clients as services of a ServiceGroup."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // For tests and the server only. Users do not build it, and resolve it anyway because other packages' tests need it.
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        // Without its traits, as AsyncHTTPClient depends on it.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.26.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        // The first version whose own spans, which would have the SDK key, can be turned off.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.29.0"),
        // For `configcatctl serve` only. Users of the libraries resolve it, but do not build it.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ] + documentation,
    targets: [
        // The C library of each platform, under one name.
        .target(name: "ConfigCatPlatform", swiftSettings: settings),
        .target(name: "ConfigCatCSHA"),
        .target(
            name: "ConfigCatCache",
            dependencies: ["ConfigCatCSHA", "ConfigCatPlatform"],
            swiftSettings: settings
        ),
        .target(name: "ConfigCatCacheTesting", dependencies: ["ConfigCatCache"], swiftSettings: settings),
        .target(
            name: "ConfigCatFileCache", dependencies: ["ConfigCatCache", "ConfigCatPlatform"], swiftSettings: settings),
        .target(name: "ConfigCatInMemoryCache", dependencies: ["ConfigCatCache"], swiftSettings: settings),
        .target(
            name: "ConfigCatEvaluation",
            dependencies: ["ConfigCatCSHA", "ConfigCatPlatform"],
            swiftSettings: settings
        ),
        .target(
            name: "ConfigCat",
            dependencies: [
                "ConfigCatCache",
                "ConfigCatEvaluation",
                "ConfigCatPlatform",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(
                    name: "Configuration", package: "swift-configuration", condition: .when(traits: ["Configuration"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
                .product(
                    name: "Tracing", package: "swift-distributed-tracing",
                    condition: .when(traits: ["DistributedTracing"])),
            ],
            // Calls stay on the caller's actor.
            swiftSettings: settings + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        ),
        // Settings as values of swift-configuration.
        .target(
            name: "ConfigCatConfiguration",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatEvaluation",
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            // As swift-configuration, whose protocols have asynchronous closures.
            swiftSettings: settings + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        ),
        // Evaluations in the terms of OpenFeature and of its remote evaluation protocol.
        .target(
            name: "ConfigCatOpenFeature",
            dependencies: ["ConfigCat", "ConfigCatEvaluation"],
            swiftSettings: settings
        ),
        // Test flags, a recorder of evaluations and a scripted CDN, for users' tests and our own.
        .target(
            name: "ConfigCatTesting",
            dependencies: [
                "ConfigCat", "ConfigCatEvaluation",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        // Swift declarations of a config's settings, and the code that mentions them.
        .target(name: "ConfigCatGeneration", dependencies: ["ConfigCatEvaluation"], swiftSettings: settings),
        // The semantic difference of two configs.
        .target(name: "ConfigCatComparison", dependencies: ["ConfigCatEvaluation"], swiftSettings: settings),
        // The generator on its own, for plugins: it builds neither NIO nor Redis.
        .executableTarget(
            name: "configcat-generate",
            dependencies: [
                "ConfigCatGeneration", "ConfigCatPlatform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .plugin(name: "ConfigCatFlags", capability: .buildTool(), dependencies: ["configcat-generate"]),
        .plugin(
            name: "GenerateConfigCatFlags",
            capability: .command(
                intent: .custom(
                    verb: "generate-configcat-flags",
                    description: "Writes Swift declarations of the settings in a target's flags.json."),
                permissions: [.writeToPackageDirectory(reason: "It writes Flags.swift into the target's folder.")]),
            dependencies: ["configcat-generate"]
        ),
        .target(
            name: "ConfigCatSimulation",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatEvaluation", "ConfigCatInMemoryCache", "ConfigCatPlatform",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // The parts that the tool, its server and the load test share: output, signals, cache URLs.
        .target(
            name: "ConfigCatCommandLine",
            dependencies: [
                "ConfigCatCache", "ConfigCatEvaluation", "ConfigCatFileCache", "ConfigCatInMemoryCache",
                "ConfigCatPlatform", "ConfigCatRedisCache", "ConfigCatSQLiteCache",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // Runs many processes that share a cache, to size a fleet or to test changes of what processes share.
        .target(
            name: "ConfigCatLoadTest",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatCommandLine", "ConfigCatCSQLite", "ConfigCatEvaluation",
                "ConfigCatPlatform", "ConfigCatRedisCache", "ConfigCatServing",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        // `configcatctl serve`: the development server and the relay.
        .target(
            name: "ConfigCatServing",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatCommandLine", "ConfigCatCSQLite", "ConfigCatCZlib",
                "ConfigCatEvaluation", "ConfigCatOpenFeature", "ConfigCatPlatform", "ConfigCatSQLiteCache",
                "ConfigCatSQLiteMigrations",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("Page/index.html"), .embedInCode("Page/login.html"), .embedInCode("Page/page.css"),
                .embedInCode("Page/api.js"), .embedInCode("Page/clients.js"), .embedInCode("Page/details.js"),
                .embedInCode("Page/dom.js"), .embedInCode("Page/overrides.js"), .embedInCode("Page/page.js"),
                .embedInCode("Page/rows.js"), .embedInCode("Page/segments.js"), .embedInCode("Page/settings.js"),
                .embedInCode("Page/transfer.js"), .embedInCode("Page/user.js"), .embedInCode("Page/values.js"),
                .embedInCode("Development/openapi.json"),
            ],
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "ConfigCatCZlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),
        .executableTarget(
            name: "configcatctl",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatCommandLine", "ConfigCatComparison", "ConfigCatEvaluation",
                "ConfigCatGeneration", "ConfigCatLoadTest", "ConfigCatPlatform", "ConfigCatServing",
                "ConfigCatSimulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ConfigCatLiveFlags",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatFileCache", "ConfigCatInMemoryCache", "ConfigCatRedisCache",
                "ConfigCatSQLiteCache",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Examples/LiveFlags",
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "ConfigCatCSQLite",
            pkgConfig: sqlitePkgConfig,
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]
        ),
        .target(
            name: "ConfigCatSQLiteMigrations",
            path: "Migrations",
            resources: [
                .embedInCode("0001_entries.sql"), .embedInCode("0002_leases.sql"),
                .embedInCode("Overrides/0001_overrides.sql"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ConfigCatSQLiteCache",
            dependencies: ["ConfigCatCache", "ConfigCatCSQLite", "ConfigCatPlatform", "ConfigCatSQLiteMigrations"],
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "ConfigCatCHiredis",
            pkgConfig: hiredisPkgConfig,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
        ),
        .target(
            name: "ConfigCatRedisCache",
            dependencies: [
                "ConfigCatCHiredis", "ConfigCatCache", "ConfigCatPlatform",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ConfigCatCacheWriter",
            dependencies: ["ConfigCatCache", "ConfigCatFileCache", "ConfigCatPlatform", "ConfigCatSQLiteCache"],
            path: "Tests/ConfigCatCacheWriter",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ConfigCatForkedClient",
            dependencies: ["ConfigCat", .product(name: "Logging", package: "swift-log")],
            path: "Tests/ConfigCatForkedClient",
            swiftSettings: settings
        ),
        // A process with a ServiceGroup, for tests that send it signals.
        .executableTarget(
            name: "ConfigCatServiceProcess",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatFileCache", "ConfigCatSQLiteCache",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/ConfigCatServiceProcess",
            swiftSettings: settings
        ),
        // A bare server, with which `make bench-serve` compares.
        .executableTarget(
            name: "ConfigCatHelloServer",
            dependencies: ["ConfigCatCommandLine", .product(name: "Hummingbird", package: "hummingbird")],
            path: "Tests/ConfigCatHelloServer",
            swiftSettings: settings
        ),
        // The parts that the suites share: servers, processes, clocks, clients, folders.
        .target(
            name: "ConfigCatTestSupport",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatEvaluation", "ConfigCatInMemoryCache", "ConfigCatTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/ConfigCatTestSupport",
            exclude: ["python_client.py"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatCacheTests",
            dependencies: [
                "ConfigCat", "ConfigCatCSQLite", "ConfigCatCache", "ConfigCatCacheTesting", "ConfigCatFileCache",
                "ConfigCatInMemoryCache", "ConfigCatRedisCache", "ConfigCatSQLiteCache", "ConfigCatSimulation",
                "ConfigCatTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatCSHATests",
            dependencies: ["ConfigCatCSHA", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatEvaluationTests",
            dependencies: [
                "ConfigCatEvaluation",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [.copy("Samples")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatFileCacheTests",
            dependencies: [
                "ConfigCatCache", "ConfigCatCacheTesting", "ConfigCatCacheWriter", "ConfigCatFileCache",
                "ConfigCatTestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatInMemoryCacheTests",
            dependencies: [
                "ConfigCatCache", "ConfigCatCacheTesting", "ConfigCatInMemoryCache",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatRedisCacheTests",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatCacheTesting", "ConfigCatRedisCache", "ConfigCatTestSupport",
                "configcatctl",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatSQLiteCacheTests",
            dependencies: [
                "ConfigCatCSQLite", "ConfigCatCache", "ConfigCatCacheTesting", "ConfigCatCacheWriter",
                "ConfigCatSQLiteCache", "ConfigCatTestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatSimulationTests",
            dependencies: [
                "ConfigCatSimulation", "ConfigCatTestSupport", "configcatctl",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatTests",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatCacheTesting", "ConfigCatEvaluation", "ConfigCatForkedClient",
                "ConfigCatInMemoryCache", "ConfigCatRedisCache", "ConfigCatSimulation", "ConfigCatTestSupport",
                "configcatctl",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatComparisonTests",
            dependencies: [
                "ConfigCatComparison", "ConfigCatEvaluation", "ConfigCatTestSupport", "configcatctl",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatGenerationTests",
            dependencies: [
                "ConfigCat", "ConfigCatEvaluation", "ConfigCatGeneration", "ConfigCatTestSupport", "configcat-generate",
                "configcatctl",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatObservingTests",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatEvaluation", "ConfigCatFileCache", "ConfigCatInMemoryCache",
                "ConfigCatOpenFeature", "ConfigCatRedisCache", "ConfigCatSQLiteCache", "ConfigCatTestSupport",
                "ConfigCatTesting",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatServiceTests",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatConfiguration", "ConfigCatEvaluation", "ConfigCatFileCache",
                "ConfigCatInMemoryCache", "ConfigCatSQLiteCache", "ConfigCatServiceProcess", "ConfigCatTestSupport",
                "ConfigCatTesting",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ConfigurationTesting", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatTestingTests",
            dependencies: [
                "ConfigCat", "ConfigCatEvaluation", "ConfigCatTestSupport", "ConfigCatTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatServingTests",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatCommandLine", "ConfigCatEvaluation", "ConfigCatInMemoryCache",
                "ConfigCatOpenFeature", "ConfigCatRedisCache", "ConfigCatSQLiteCache", "ConfigCatServing",
                "ConfigCatTestSupport", "ConfigCatTesting", "configcatctl",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Python"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConfigCatCTLTests",
            dependencies: [
                "ConfigCatCache", "ConfigCatCommandLine", "ConfigCatFileCache", "ConfigCatRedisCache",
                "ConfigCatSQLiteCache", "ConfigCatTestSupport", "configcatctl",
            ],
            exclude: ["FakeCDNModes.py"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)

// For `make sanitize` only: each module gets a mutex that ThreadSanitizer supports, unlike `Synchronization.Mutex`.
if Context.environment["CONFIGCAT_TSAN"] != nil {
    package.targets.append(.plugin(name: "ThreadSanitizerMutex", capability: .buildTool()))
    for target in package.targets where ![.system, .plugin].contains(target.type) && target.name != "ConfigCatCSHA" {
        target.plugins = [.plugin(name: "ThreadSanitizerMutex")]
    }
}

// For `make fuzz` only: libFuzzer and AddressSanitizer instrument the code of this package, not its dependencies. Targets
// that are not in a product and are fuzzed get one.
if Context.environment["CONFIGCAT_FUZZ"] != nil {
    package.products.append(.library(name: "ConfigCatFuzzed", targets: ["ConfigCatCSHA", "ConfigCatCommandLine"]))
    for target in package.targets where target.type != .system {
        if target.name == "ConfigCatCSHA" {
            target.cSettings = [.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])]
        } else {
            target.swiftSettings =
                (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]
        }
    }
}
