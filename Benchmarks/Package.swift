// swift-tools-version: 6.2

import PackageDescription

// This is a separate package, so that users of the SDK never build it.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "configcat-swift-server", path: ".."),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
    ],
    targets: [
        .target(name: "CCounters"),
        .target(name: "CCaches", linkerSettings: [.linkedLibrary("hiredis"), .linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "FirstValue",
            dependencies: [.product(name: "ConfigCat", package: "configcat-swift-server")]
        ),
        .executableTarget(
            name: "FollowChanges",
            dependencies: [
                .product(name: "ConfigCat", package: "configcat-swift-server"),
                .product(name: "ConfigCatRedisCache", package: "configcat-swift-server"),
            ]
        ),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CCaches",
                "CCounters",
                .product(name: "ConfigCat", package: "configcat-swift-server"),
                .product(name: "ConfigCatCache", package: "configcat-swift-server"),
                .product(name: "ConfigCatFileCache", package: "configcat-swift-server"),
                .product(name: "ConfigCatRedisCache", package: "configcat-swift-server"),
                .product(name: "ConfigCatSQLiteCache", package: "configcat-swift-server"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
