// swift-tools-version: 6.2

import PackageDescription

// This is a separate package, so that users of the SDK never build it. SwiftPM identifies local packages by the names of
// their folders, ignoring case: the repository's folder must not be named `Fuzz`.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "configcat-swift-server", path: ".."),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
    ],
    targets: [
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                .product(name: "ConfigCatCache", package: "configcat-swift-server"),
                .product(name: "ConfigCatEvaluation", package: "configcat-swift-server"),
                .product(name: "ConfigCatFuzzed", package: "configcat-swift-server"),
                .product(name: "ConfigCatRedisCache", package: "configcat-swift-server"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]
        )
    ],
    swiftLanguageModes: [.v6]
)
