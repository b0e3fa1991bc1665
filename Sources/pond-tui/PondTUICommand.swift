internal import Glibc
internal import PondChat
internal import PondKit

@main
struct PondTUICommand {
    nonisolated static func main() {
        let options: CommandLineOptions
        do throws(CommandLineOptions.Fault) {
            options = try CommandLineOptions(Array(CommandLine.arguments.dropFirst()))
        } catch {
            StandardError.write("pond-tui: \(TextSanitiser.plain(error.message))\n")
            exit(64)
        }
        switch options.task {
        case .help: StandardOutput.write(CommandLineOptions.help)
        case .version: StandardOutput.write("pond-tui \(PondVersion.text)\n")
        case .manual: StandardOutput.write(ManualPage.text(version: PondVersion.text))
        case .completion(let shell): StandardOutput.write(Completions.script(for: shell))
        case .showKeys: KeyDump.run()
        case .control(let path, let line):
            guard let answer = ControlSocket.send(line, to: path) else {
                StandardError.write("pond-tui: nobody listens at \(TextSanitiser.plain(path))\n")
                exit(69)
            }
            if answer.hasPrefix(ControlSocket.errorMark) {
                StandardError.write("pond-tui: " + answer)
                exit(64)
            }
            StandardOutput.write(answer)
        case .chat where StartRun.isWanted(options):
            exit(StartRun(options, Array(CommandLine.arguments.dropFirst())).run())
        case .chat, .demo: exit(Chat(options).run())
        }
    }
}
