// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "configcat-swift-server",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ConfigCat", targets: ["ConfigCat"]),
        .library(name: "ConfigCatEvaluation", targets: ["ConfigCatEvaluation"]),
        .executable(name: "configcatctl", targets: ["configcatctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .target(
            name: "ConfigCatEvaluation",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(
            name: "ConfigCat",
            dependencies: [
                "ConfigCatEvaluation",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "configcatctl",
            dependencies: [
                "ConfigCat",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
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
            dependencies: ["ConfigCat", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "configcatctlTests",
            dependencies: ["configcatctl"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
