// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// The documentation plugin is for `make docs` only; nobody who uses the package resolves it.
let documentation: [Package.Dependency] =
    Context.environment["CONFIGCAT_DOCS"] == nil
    ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")]

// On Linux, headers are where compilers look. Asked for pkg-config, SwiftPM would warn those who use neither library.
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
        .library(name: "ConfigCatEvaluation", targets: ["ConfigCatEvaluation"]),
        .library(name: "ConfigCatFileCache", targets: ["ConfigCatFileCache"]),
        .library(name: "ConfigCatInMemoryCache", targets: ["ConfigCatInMemoryCache"]),
        .library(name: "ConfigCatRedisCache", targets: ["ConfigCatRedisCache"]),
        .library(name: "ConfigCatSQLiteCache", targets: ["ConfigCatSQLiteCache"]),
        .executable(name: "configcatctl", targets: ["configcatctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.26.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.26.0"),
    ] + documentation,
    targets: [
        .target(
            name: "ConfigCatCache",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(name: "ConfigCatCacheTesting", dependencies: ["ConfigCatCache"], swiftSettings: settings),
        .target(name: "ConfigCatFileCache", dependencies: ["ConfigCatCache"], swiftSettings: settings),
        .target(name: "ConfigCatInMemoryCache", dependencies: ["ConfigCatCache"], swiftSettings: settings),
        .target(
            name: "ConfigCatEvaluation",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(
            name: "ConfigCat",
            dependencies: [
                "ConfigCatCache",
                "ConfigCatEvaluation",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ConfigCatSimulation",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatEvaluation", "ConfigCatInMemoryCache",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "configcatctl",
            dependencies: [
                "CSQLite", "ConfigCat", "ConfigCatCache", "ConfigCatFileCache", "ConfigCatInMemoryCache",
                "ConfigCatRedisCache", "ConfigCatSimulation",
                "ConfigCatSQLiteCache",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "LiveFlags",
            dependencies: [
                "ConfigCat", "ConfigCatCache", "ConfigCatFileCache", "ConfigCatInMemoryCache", "ConfigCatRedisCache",
                "ConfigCatSQLiteCache",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Examples/LiveFlags",
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: sqlitePkgConfig,
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]
        ),
        .target(
            name: "Migrations",
            path: "Migrations",
            resources: [.embedInCode("0001_entries.sql"), .embedInCode("0002_leases.sql")],
            swiftSettings: settings
        ),
        .target(
            name: "ConfigCatSQLiteCache",
            dependencies: ["ConfigCatCache", "CSQLite", "Migrations"],
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "CHiredis",
            pkgConfig: hiredisPkgConfig,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
        ),
        .target(
            name: "ConfigCatRedisCache",
            dependencies: [
                "CHiredis", "ConfigCatCache",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "CacheWriter",
            dependencies: ["ConfigCatCache", "ConfigCatFileCache", "ConfigCatSQLiteCache"],
            path: "Tests/CacheWriter",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ForkedClient",
            dependencies: ["ConfigCat", .product(name: "Logging", package: "swift-log")],
            path: "Tests/ForkedClient",
            swiftSettings: settings
        ),
        // What several suites share: Redis servers, processes, folders.
        .target(
            name: "TestSupport",
            dependencies: [
                "ConfigCatCache", "ConfigCatInMemoryCache",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/TestSupport",
            exclude: ["python_client.py"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CacheTests",
            dependencies: [
                "CSQLite", "CacheWriter", "ConfigCat", "ConfigCatCache", "configcatctl", "TestSupport",
                "ConfigCatCacheTesting", "ConfigCatFileCache",
                "ConfigCatInMemoryCache", "ConfigCatRedisCache", "ConfigCatSimulation",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
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
            name: "ConfigCatTests",
            dependencies: [
                "ConfigCat",
                "ConfigCatCache",
                "ConfigCatCacheTesting",
                "ConfigCatEvaluation",
                "ConfigCatInMemoryCache", "ConfigCatSimulation",
                "ConfigCatRedisCache",
                "ForkedClient",
                "TestSupport",
                "configcatctl",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimulationTests", dependencies: ["ConfigCatSimulation", "configcatctl", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "configcatctlTests",
            dependencies: [
                "ConfigCatCache", "ConfigCatFileCache", "ConfigCatRedisCache", "ConfigCatSQLiteCache", "configcatctl",
                "TestSupport",
            ],
            exclude: ["FakeCDNModes.py"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)

// ThreadSanitizer does not know `Synchronization.Mutex`. For `make sanitize` only, each module gets a mutex that it knows.
if Context.environment["CONFIGCAT_TSAN"] != nil {
    package.targets.append(.plugin(name: "ThreadSanitizerMutex", capability: .buildTool()))
    for target in package.targets where target.type != .system && target.type != .plugin {
        target.plugins = [.plugin(name: "ThreadSanitizerMutex")]
    }
}

// For `make fuzz` only: what libFuzzer follows, and AddressSanitizer checks, is the code of this package.
if Context.environment["CONFIGCAT_FUZZ"] != nil {
    for target in package.targets where target.type != .system {
        target.swiftSettings = settings + [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]
    }
}
