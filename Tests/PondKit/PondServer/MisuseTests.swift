import Foundation
import Testing

/// What must not compile, does not; next to each fault stands the same thing said right, which must.
@Suite struct MisuseTests {
    private static let schemas = """
        import PondKit
        enum A: ChannelSchema {
            struct Text: Codable, Sendable { var text: String }
            struct Presence: Codable, Sendable { var name: String }
            static let say = Event<Text, Text>("say")
            static let said = Event<Text, NoReply>("said")
        }
        enum B: ChannelSchema {
            struct Number: Codable, Sendable { var n: Int }
            static let count = Event<Number, Number>("count")
        }
        final class Box { var context: EventContext? }
        func use(_ endpoint: Endpoint, _ lobby: TypedLobby<A>, _ raw: Lobby) throws {

        """

    struct Misuse: Sendable, CustomTestStringConvertible {
        let name: String
        let right: String
        let wrong: String
        var testDescription: String { self.name }
    }

    static let misuses = [
        Misuse(
            name: "an event of another schema is handled",
            right: "try lobby.onMessage(A.say) { _ in }",
            wrong: "try lobby.onMessage(B.count) { _ in }"
        ),
        Misuse(
            name: "an event of another schema is broadcast",
            right: "try lobby.onMessage(A.say) { try $0.broadcast(A.said, A.Text(text: \"\")) }",
            wrong: "try lobby.onMessage(A.say) { try $0.broadcast(B.count, B.Number(n: 1)) }"
        ),
        Misuse(
            name: "an event carries another type",
            right: "try lobby.onMessage(A.say) { try $0.broadcast(A.said, $0.payload) }",
            wrong: "try lobby.onMessage(A.say) { try $0.broadcast(A.said, B.Number(n: 1)) }"
        ),
        Misuse(
            name: "the answer has another type",
            right: "try lobby.onMessage(A.say) { try $0.reply(A.Text(text: \"\")) }",
            wrong: "try lobby.onMessage(A.say) { try $0.reply(B.Number(n: 1)) }"
        ),
        Misuse(
            name: "an event without an answer is answered",
            right: "try lobby.onMessage(A.said) { _ in }",
            wrong: "try lobby.onMessage(A.said) { try $0.reply(A.Text(text: \"\")) }"
        ),
        Misuse(
            name: "the presence has another type",
            right: "try lobby.onMessage(A.say) { try $0.track(A.Presence(name: \"\")) }",
            wrong: "try lobby.onMessage(A.say) { try $0.track(B.Number(n: 1)) }"
        ),
        Misuse(
            name: "a context leaves its event loop",
            right: "try raw.onMessage(\"x\") { context in context.reply(\"x\") }",
            wrong: "try raw.onMessage(\"x\") { context in Task { context.reply(\"x\") } }"
        ),
        Misuse(
            name: "a handler shares what cannot be shared",
            right: "try raw.onMessage(\"x\") { context in Box().context = context }",
            wrong: "let box = Box(); try raw.onMessage(\"x\") { context in box.context = context }"
        ),
    ]

    @Test(arguments: Self.misuses)
    func isAFaultThatTheCompilerFinds(_ misuse: Misuse) throws {
        let right = try Self.check(Self.schemas + "    _ = " + misuse.right + "\n}\n")
        #expect(right.status == 0, "\(right.output)")
        let wrong = try Self.check(Self.schemas + "    " + misuse.wrong + "\n}\n")
        #expect(wrong.status != 0)
        #expect(wrong.output.contains("error:"), "\(wrong.output)")
    }

    private static func check(_ source: String) throws -> (status: Int32, output: String) {
        let build = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("misuse-\(UUID()).swift")
        try source.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        var arguments = [
            "swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-enable-upcoming-feature",
            "NonisolatedNonsendingByDefault",
            "-I", build.appendingPathComponent("Modules").path,
        ]
        for module in ["CPondSys", "CPondTLS", "CPondZlib", "CPondSQLite", "CPondUring"] {
            let map = build.appendingPathComponent("\(module).build/module.modulemap").path
            arguments += ["-Xcc", "-fmodule-map-file=\(map)"]
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments + [file.path]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
