// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

/// A C target that only wraps one system library: static inline functions, no logic.
func shim(_ name: String, links libraries: [String]) -> Target {
    .target(
        name: name,
        cSettings: [.define("_GNU_SOURCE")],
        linkerSettings: libraries.map { .linkedLibrary($0) }
    )
}

func tests(_ name: String, path: String, of targets: [String], besides others: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: targets.map { .byName(name: $0) },
        path: "Tests/\(path)",
        exclude: others,
        swiftSettings: strict
    )
}

let package = Package(
    name: "pond",
    products: [
        .library(name: "PondKit", targets: ["PondKit"]),
        .library(name: "PondTesting", targets: ["PondTesting"]),
        .executable(name: "pond-server", targets: ["pond-server"]),
        .executable(name: "pond-tui", targets: ["pond-tui"]),
        .executable(name: "pond-bench", targets: ["pond-bench"]),
        .executable(name: "conformance-app", targets: ["conformance-app"]),
    ],
    targets: [
        shim("CPondSys", links: []),
        shim("CPondTLS", links: ["ssl", "crypto"]),
        shim("CPondZlib", links: ["z"]),
        shim("CPondSQLite", links: ["sqlite3"]),
        shim("CPondCurses", links: ["ncursesw", "tinfo"]),
        shim("CPondUring", links: ["uring"]),

        .target(
            name: "PondKit",
            dependencies: ["CPondSys", "CPondTLS", "CPondZlib", "CPondSQLite", "CPondUring"],
            swiftSettings: strict
        ),
        .target(name: "PondTesting", dependencies: ["PondKit"], swiftSettings: strict),
        .target(name: "PondChat", dependencies: ["PondKit"], swiftSettings: strict),
        .executableTarget(
            name: "pond-server",
            dependencies: ["PondKit", "PondChat", "CPondSQLite", "CPondTLS", "CPondSys"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "pond-tui",
            dependencies: ["PondKit", "PondChat", "CPondCurses", "CPondSys"],
            swiftSettings: strict
        ),
        .executableTarget(name: "pond-bench", dependencies: ["PondKit", "CPondSys"], swiftSettings: strict),
        .executableTarget(
            name: "autobahn-peer",
            dependencies: ["PondKit"],
            path: "Examples/autobahn-peer",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "conformance-app",
            dependencies: ["PondKit"],
            path: "Examples/conformance-app",
            swiftSettings: strict
        ),

        tests("WireTests", path: "PondKit/Wire", of: ["PondKit", "PondTesting"]),
        tests("CodecTests", path: "PondKit/Codecs", of: ["PondKit", "PondTesting"]),
        tests("RuntimeTests", path: "PondKit/Runtime", of: ["PondKit", "PondTesting", "CPondTLS", "CPondUring"]),
        tests("TransportTests", path: "PondKit/Transport", of: ["PondKit", "PondTesting"]),
        tests("ServerTests", path: "PondKit/Server", of: ["PondKit", "PondTesting"]),
        tests("HistoryTests", path: "PondKit/History", of: ["PondKit", "PondTesting"]),
        tests("ClientTests", path: "PondKit/Client", of: ["PondKit", "PondTesting"]),
        tests("ClusterTests", path: "PondKit/Cluster", of: ["PondKit", "PondTesting"]),
        tests("ChatTests", path: "PondChat", of: ["PondChat", "PondKit", "PondTesting"]),
        tests("ServerCommandTests", path: "pond-server", of: ["pond-server", "PondChat", "PondKit", "PondTesting"]),
        tests(
            "TerminalTests",
            path: "pond-tui",
            of: ["pond-tui", "PondChat", "PondKit", "PondTesting"],
            besides: ["golden", "e2e"]
        ),
        tests("InteropTests", path: "Interop/OurClient", of: ["PondKit", "PondTesting"]),
    ],
    swiftLanguageModes: [.v6]
)
