import Testing

@testable import pond_server

@Suite struct AdminCallTests {
    @Test("A command line is understood, options anywhere in it")
    func understood() throws {
        let call = try #require(AdminCall(["ban", "--data=/d", "bob", "--seconds", "60", "shed"], environment: nil))
        #expect(call.dataFolder == "/d")
        #expect(call.request == AdminRequest(command: "ban", arguments: ["bob", "shed"], options: ["seconds": "60"]))
    }

    @Test("The folder is the flag's, the environment's or the default's, in that order")
    func folder() {
        #expect(AdminCall(["stats", "--data", "/a"], environment: "/b")?.dataFolder == "/a")
        #expect(AdminCall(["stats"], environment: "/b")?.dataFolder == "/b")
        #expect(AdminCall(["stats"], environment: nil)?.dataFolder == ServerConfiguration().dataFolder)
    }

    @Test("What is no command is none", arguments: [[], ["dance"], ["--data", "/a"], ["ban", "--seconds"]])
    func refused(_ arguments: [String]) { #expect(AdminCall(arguments, environment: nil) == nil) }

    @Test("The help names every command", arguments: AdminVerb.allCases)
    func help(_ verb: AdminVerb) { #expect(AdminVerb.help.contains("  \(verb.rawValue) ")) }
}
