import Testing

@testable import pond_tui

@Suite struct ManualPageTests {
    @Test func everyOptionIsReadAndTold() throws {
        let help = CommandLineOptions.help
        for option in CommandLineOption.all {
            for name in option.names {
                var arguments = [name]
                switch option.argument {
                case nil: break
                case .word, .file: arguments.append("host")
                case .oneOf(_, let values): arguments.append(try #require(values.first))
                }
                _ = try CommandLineOptions(arguments)
            }
            #expect(help.contains(option.names[0]), "\(option.names)")
        }
        let told = help.matches(of: /--[a-z]+/).map { String($0.output) }
        let known = Set(CommandLineOption.all.flatMap(\.names))
        #expect(Set(told).subtracting(known).isEmpty)
    }

    @Test func theManualHasEveryCommandKeyAndSettingAndNoStrayRequest() {
        let page = ManualPage.text(version: "1.0")
        for command in Command.allCases { #expect(page.contains("\\fB/\(command.rawValue)\\fR")) }
        for setting in Settings().values { #expect(page.contains(setting.name.replacing("-", with: "\\-"))) }
        #expect(page.contains("\\fBC\\-o\\fR"))
        let requests: Set<String> = [".TH", ".SH", ".TP", ".PP", ".B", ".I", ".BR", ".br", ".nf", ".fi"]
        for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
            #expect(requests.contains(String(line.prefix { $0 != " " })), "\(line)")
        }
    }

    @Test func completionsHaveEveryOption() {
        for shell in Completions.Shell.allCases {
            let script = Completions.script(for: shell)
            for name in CommandLineOption.all.flatMap(\.names) {
                let wanted =
                    shell == .fish
                    ? (name.hasPrefix("--") ? "-l " + name.dropFirst(2) : "-s " + name.dropFirst()) : name
                #expect(script.contains(wanted), "\(shell) \(name)")
            }
        }
    }
}
