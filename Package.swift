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

/// What tests share: virtual networks and clocks for everybody, and helpers of our own.
let support = ["PondTesting", "PondTestSupport"]

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
        shim("CPondHeap", links: []),
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
            dependencies: ["PondKit", "PondChat", "CPondSQLite", "CPondTLS", "CPondSys", "CPondHeap"],
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

        .target(
            name: "PondTestSupport",
            dependencies: ["PondRuntime", "PondServer"],
            path: "Tests/PondKit/Support",
            swiftSettings: strict
        ),
        tests("PondCoreTests", path: "PondKit/PondCore", of: library + ["PondTesting"]),
        tests("PondRuntimeTests", path: "PondKit/PondRuntime", of: library + support),
        tests("PondNetTests", path: "PondKit/PondNet", of: library + support + ["CPondTLS", "CPondUring"]),
        tests("PondClientTests", path: "PondKit/PondClient", of: library + support),
        // The suites of one server, which are run over every carrier; those of its cluster are a target of their own.
        tests("PondServerTests", path: "PondKit/PondServer", of: library + support, besides: ["Cluster"]),
        tests("PondClusterTests", path: "PondKit/PondServer/Cluster", of: library + support),
        tests("PondSQLiteTests", path: "PondKit/PondSQLite", of: library + support),
        tests("PondRedisTests", path: "PondKit/PondRedis", of: library + support),
        tests("PondChatTests", path: "PondChat", of: ["PondChat", "PondTesting"] + library),
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
