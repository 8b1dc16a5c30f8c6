// swift-tools-version: 6.2
import PackageDescription

// The rooms and who may enter which. Arrows point down only; `LayeringTests` compares
// the imports of every file with what stands here.

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, exclude: exclude, swiftSettings: house)
}

let package = Package(
    name: "parley",
    products: [
        .executable(name: "parley", targets: ["parley"]),
        .library(name: "Channels", targets: ["Channels", "ChannelsProtocol", "ChannelsClient", "Transport"]),
        // Without a socket: for those with a loop of their own.
        .library(name: "ChannelsCore", targets: ["ChannelsProtocol", "ChannelsClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // Quiet rooms: values in, values out. No clock, no socket, no file, no terminal, no lock.
        room("ChannelsProtocol", ["CSodium"]),
        room("ChannelsClient", ["ChannelsProtocol"]),
        room("ChannelsEngine", ["ChannelsProtocol"]),
        room("Chat"),
        room("Screen"),
        room("ChatUI", ["Chat", "Screen"]),
        // The hall: one signed-in user's single state.
        room("ChatSession", ["Chat", "ChannelsClient", "ChannelsProtocol"]),
        // Doors. None of them may be called `Network`: packages below ask for Apple's module of that name by `canImport`.
        room("Terminal", ["Screen", "CTerminal"]),
        room(
            "Transport",
            [
                "ChannelsProtocol", nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]),
        // The library's face: a client for other programs, put together from the three rooms below it.
        room("Channels", ["ChannelsProtocol", "ChannelsClient", "Transport"]),
        room("LocalStore", ["Chat", grdb]),
        room(
            "Desk",
            [
                "ChannelsProtocol", "ChannelsEngine", "Chat", "Transport", "CSodium", "CPostgres",
                nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL, nioHTTPTypes, nioHTTPTypesHTTP1,
                httpTypes, grdb, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ]),
        // C.
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        // The calls of libpq, which is loaded only where a desk's store is PostgreSQL.
        .target(name: "CPostgres"),
        // The one call of posix_spawn that Swift does not see.
        .target(name: "CSpawn"),
        .target(name: "CTerminal", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        // The front door.
        .executableTarget(
            name: "parley",
            dependencies: [
                "ChannelsProtocol", "ChannelsClient", "Chat", "ChatSession", "ChatUI", "Screen", "Terminal",
                "Transport",
                "LocalStore", "Desk", "CSpawn", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house,
            // Loaded where it was linked, without symbols, and showing none to libraries (the static standard library asks
            // for 4 MB of them): half the size and half the work at start, and 2 MB less in memory.
            linkerSettings: [
                .unsafeFlags(
                    ["-Xlinker", "-no-pie", "-Xlinker", "-s", "-Xlinker", "--no-export-dynamic"],
                    .when(configuration: .release))
            ]),

        tests("ChannelsProtocol", ["ChannelsProtocol"]),
        tests("ChannelsClient", ["ChannelsClient", "ChannelsEngine", "ChannelsProtocol"]),
        tests("ChannelsEngine", ["ChannelsEngine", "ChannelsProtocol"]),
        tests("Chat", ["Chat"]),
        tests("Screen", ["Screen"]),
        tests("ChatUI", ["ChatUI", "Chat", "Screen"], exclude: ["Screens"]),
        tests("ChatSession", ["ChatSession", "Chat", "ChannelsClient", "ChannelsEngine", "ChannelsProtocol"]),
        tests("Terminal", ["Terminal", "Screen", "CTerminal"]),
        tests("Transport", ["Transport", "ChannelsProtocol", nioCore, nioPosix, nioHTTP1, nioWebSocket]),
        tests("Channels", ["Channels", "ChannelsProtocol", "ChannelsClient", "Transport", "Desk"]),
        tests("LocalStore", ["LocalStore", "Chat", grdb]),
        // PostgreSQL for tests, started by them.
        .target(name: "TestPostgres", path: "Tests/TestPostgres", swiftSettings: [.treatAllWarnings(as: .error)]),
        // nginx and haproxy in front of a desk or an engine, started by tests.
        .target(name: "TestProxy", path: "Tests/TestProxy", swiftSettings: [.treatAllWarnings(as: .error)]),
        tests(
            "Desk",
            [
                "Desk", "TestPostgres", "TestProxy", "Transport", "Chat", "ChannelsEngine", "ChannelsProtocol", grdb,
                nioCore, logging,
            ]),
        // The program itself: its commands, its configuration, the layers, the documents, the real binary in a pty.
        tests(
            "Program",
            [
                "parley", "ChannelsProtocol", "Chat", "ChatSession", "ChatUI", "Screen", "Terminal", "CTerminal",
                "Desk", "Transport", "TestPostgres", "TestProxy", "ChannelsEngine",
                nioCore, nioPosix, nioHTTP1, grdb,
                logging,
            ], exclude: ["Docs/Pictures"]),
    ],
    swiftLanguageModes: [.v6]
)
