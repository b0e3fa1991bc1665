import PondChat
import PondKit
import Testing

@testable import pond_server

@Suite struct ConfigurationTests {
    private func load(
        _ arguments: [String] = [],
        _ environment: [String: String] = [:],
        files: [String: String] = [:]
    ) -> ConfigurationLoader {
        ConfigurationLoader(arguments: arguments, environment: environment) { path in
            if let text = files[path] { return .success(text) }
            return .failure(ConfigurationFault(place: path, message: "No such file"))
        }
    }

    @Test("Without anything said, the defaults hold and are right")
    func defaults() {
        let loaded = self.load()
        #expect(loaded.faults.isEmpty)
        #expect(loaded.configuration == ServerConfiguration())
        #expect(loaded.configuration.port == 4000 && loaded.configuration.host == "127.0.0.1")
        #expect(loaded.configuration.rooms.map(\.room.text) == ["general"])
    }

    @Test("A flag goes before the environment, the environment before the file, the file before the default")
    func precedence() {
        let files = ["f": "port = 1\nthreads = 1\nhost = 10.0.0.1\n"]
        let environment = ["POND_PORT": "2", "POND_HOST": "10.0.0.2", "POND_CONFIG": "f"]
        let loaded = self.load(["--port", "3"], environment, files: files)
        #expect(loaded.faults.isEmpty)
        #expect(loaded.configuration.port == 3)
        #expect(loaded.configuration.host == "10.0.0.2")
        #expect(loaded.configuration.threads == 1)
        #expect(loaded.configuration.messageBurst == 20)
        #expect(loaded.sources["port"] == .flag("--port"))
        #expect(loaded.sources["host"] == .environment(variable: "POND_HOST"))
        #expect(loaded.sources["threads"] == .file(name: "f", line: 2))
    }

    @Test(
        "INI and JSON say the same",
        arguments: [
            """
            # a comment
            ; another
            port=5000
            memory = yes
            origins = https://a.example, https://b.example
            history-age = 30d
            [rooms]
            general = "Talk = cheap"
            ops = On call
            """,
            """
            {"port": 5000, "memory": true, "origins": ["https://a.example", "https://b.example"], "history-age": "30d",
             "rooms": {"general": "Talk = cheap", "ops": "On call"}}
            """,
        ]
    )
    func formats(_ text: String) throws {
        let loaded = self.load(["--config=f"], files: ["f": text])
        #expect(loaded.faults.isEmpty)
        #expect(loaded.configuration.port == 5000)
        #expect(loaded.configuration.inMemory)
        #expect(loaded.configuration.origins == .these(["https://a.example", "https://b.example"]))
        #expect(loaded.configuration.historyAge == .seconds(30 * 86_400))
        #expect(
            loaded.configuration.rooms == [
                ConfiguredRoom(room: try RoomName("general"), topic: "Talk = cheap"),
                ConfiguredRoom(room: try RoomName("ops"), topic: "On call"),
            ]
        )
    }

    @Test("Every fault is told at once, each with its place")
    func faults() {
        let file = """
            port = 99999
            colour = red
            nonsense
            [rooms]
            bad room = x
            [people]
            port = 1
            """
        let loaded = self.load(
            ["--config", "pond.ini", "--prot", "1", "--threads", "many", "extra", "--host"],
            ["POND_LOG_LEVEL": "loud", "POND_AUTH": "token", "POND_TLS_CERT": "c.pem", "HOME": "/"],
            files: ["pond.ini": file]
        )
        let lines = loaded.faults.map(\.description)
        for expected in [
            "pond.ini:1: port: ", "pond.ini:2: there is no option", "pond.ini:3: expected name = value",
            "pond.ini:5: rooms.bad room: ", "pond.ini:6: there is no section", "POND_LOG_LEVEL: ", "--prot: ",
            "--threads: ", "extra: ", "--host: needs a value", "tls-cert and tls-key", "auth = token needs",
        ] {
            #expect(lines.contains { $0.hasPrefix(expected) }, "\(expected) in \(lines)")
        }
        #expect(lines.count == 12)
    }

    @Test("A fault in JSON has the line of its name")
    func jsonLines() {
        let text = "{\n \"host\": \"::1\",\n \"port\": \"x\",\n \"threads\": {}\n}"
        let lines = self.load(["--config", "f"], files: ["f": text]).faults.map(\.description)
        #expect(lines.count == 2)
        #expect(lines.contains { $0.hasPrefix("f:3: port: ") } && lines.contains { $0.hasPrefix("f:4: threads: ") })
        #expect(self.load(["--config", "f"], files: ["f": "{\"port\": 1"]).faults.count == 1)
        #expect(self.load(["--config", "f"], files: ["f": "{} x"]).faults.count == 1)
    }

    @Test("A value that stands twice in a file, or a file that is not there, is a fault")
    func twice() {
        #expect(self.load(["--config", "f"], files: ["f": "port = 1\nport = 2"]).faults.map(\.place) == ["f:2"])
        #expect(self.load(["--config", "f"]).faults.map(\.place) == ["f"])
    }

    @Test("What is printed can be read again and says the same")
    func printed() {
        let arguments = [
            "--memory", "--port", "0", "--origins", "any", "--history-messages", "500", "--admins", "Alice,bob",
            "--message-burst=7", "--log-level", "debug", "--no-rooms-on-demand", "--rooms", "a,b", "--drain-time",
            "90s",
        ]
        let first = self.load(arguments)
        #expect(first.faults.isEmpty)
        let second = self.load(["--config", "f"], files: ["f": first.printed])
        #expect(second.faults.isEmpty)
        #expect(second.configuration == first.configuration)
        #expect(first.printed.contains("# from --port\nport = 0\n"))
    }

    @Test("A name that nobody can claim makes no admin where names are claimed")
    func reservedAdmin() {
        #expect(self.load(["--admins", "root"]).faults.map(\.place) == ["--admins"])
        let tokens = ["--admins", "root", "--auth", "token", "--token-secret-file", "f"]
        #expect(self.load(tokens).faults.isEmpty)
    }

    @Test("Every option has a default that can be read, and stands in the help")
    func options() {
        let configuration = ServerConfiguration()
        for option in ConfigurationOption.all {
            #expect(CommandLineHelp.text.contains("\(option.flag)"))
            var copy = configuration
            let shown = option.show(configuration)
            if option.name == "rooms" { continue }
            #expect(throws: Never.self) { try option.apply(&copy, shown) }
            #expect(copy == configuration, "\(option.name)")
        }
        #expect(Set(ConfigurationOption.all.map(\.name)).count == ConfigurationOption.all.count)
    }

    @Test("Actions are told apart from options")
    func actions() {
        #expect(self.load(["--check-config", "--print-config"]).actions == [.checkConfiguration, .printConfiguration])
        #expect(self.load(["-h"]).actions == [.help])
        #expect(self.load(["--version"]).actions == [.version])
    }
}
