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

/// A module of the library: each folder of Sources/PondKit is one.
func module(_ name: String, uses others: [String] = []) -> Target {
    .target(
        name: name,
        dependencies: others.map { .byName(name: $0) },
        path: "Sources/PondKit/\(name)",
        swiftSettings: strict
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

/// The modules of the library, for tests that look behind `import PondKit`.
let library = [
    "PondCore", "PondRuntime", "PondNet", "PondClient", "PondServer", "PondSQLite", "PondRedis", "PondKit",
]

let package = Package(
    name: "pond",
    products: [
        .library(name: "PondKit", targets: ["PondKit"]),
        .library(name: "PondClient", targets: ["PondClient"]),
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

        module("PondCore"),
        module("PondRuntime", uses: ["PondCore", "CPondSys"]),
        module("PondNet", uses: ["PondCore", "PondRuntime", "CPondSys", "CPondTLS", "CPondZlib", "CPondUring"]),
        module("PondClient", uses: ["PondCore", "PondRuntime", "PondNet"]),
        module("PondServer", uses: ["PondCore", "PondRuntime", "PondNet"]),
        module("PondSQLite", uses: ["PondCore", "PondRuntime", "PondServer", "CPondSQLite"]),
        module("PondRedis", uses: ["PondCore", "PondRuntime", "PondNet", "PondServer"]),
        module(
            "PondKit",
            uses: ["PondCore", "PondRuntime", "PondNet", "PondClient", "PondServer", "PondSQLite", "PondRedis"]
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

        tests("WireTests", path: "PondKit/Wire", of: library + ["PondTesting"]),
        tests("CodecTests", path: "PondKit/Codecs", of: library + ["PondTesting"]),
        tests("RuntimeTests", path: "PondKit/Runtime", of: library + ["PondTesting", "CPondTLS", "CPondUring"]),
        tests("TransportTests", path: "PondKit/Transport", of: library + ["PondTesting"]),
        tests("ServerTests", path: "PondKit/Server", of: library + ["PondTesting"]),
        tests("HistoryTests", path: "PondKit/History", of: library + ["PondTesting"]),
        tests("ClientTests", path: "PondKit/Client", of: library + ["PondTesting"]),
        tests("ClusterTests", path: "PondKit/Cluster", of: library + ["PondTesting"]),
        tests("ChatTests", path: "PondChat", of: ["PondChat", "PondTesting"] + library),
        tests("ServerCommandTests", path: "pond-server", of: ["pond-server", "PondChat", "PondTesting"] + library),
        tests(
            "TerminalTests",
            path: "pond-tui",
            of: ["pond-tui", "PondChat", "PondTesting"] + library,
            besides: ["golden", "e2e"]
        ),
        tests("InteropTests", path: "Interop/OurClient", of: library + ["PondTesting"]),
    ],
    swiftLanguageModes: [.v6]
)
