// swift-tools-version: 6.2
import PackageDescription

// Apart from the main package, so that nobody who builds the program builds this:
// `swift run -c release --package-path Benchmarks bench`.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "parley", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .executableTarget(
            name: "bench",
            dependencies: [
                "CEpoll",
                .product(name: "ChannelsCore", package: "parley"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .systemLibrary(name: "CEpoll"),
    ],
    swiftLanguageModes: [.v6]
)
