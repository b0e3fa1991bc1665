internal import PondChat

/// What `--help` prints.
enum CommandLineHelp {
    static let version = "pond-server \(PondVersion.text)"

    static var text: String {
        let options = ConfigurationOption.all.map { option in
            let flag = "  \(option.flag)" + (option.isSwitch ? "" : " \(option.placeholder)")
            let gap =
                flag.count < 32
                ? String(repeating: " ", count: 32 - flag.count) : "\n" + String(repeating: " ", count: 32)
            return flag + gap + option.help
        }
        return """
            pond-server: a chat server

            Usage: pond-server [options]
                   pond-server admin COMMAND [--data FOLDER]    see: pond-server admin help
                   pond-server restore FILE [--replace]         see: pond-server restore --help

            Options:
            \(options.joined(separator: "\n"))

              --config FILE                 read options from an INI or JSON file
              --check-config                say what is wrong or weak in the configuration, and stop
              --print-config                print the configuration and where it comes from, and stop
              --version                     print the version, and stop
              --help                        print this, and stop

            Every option can also stand in the file (port = 4000) and in the environment (POND_PORT=4000).
            A flag goes before the environment, the environment before the file.

            Exit codes: 0 stopped as asked, 1 failed, 2 configuration is wrong, 3 address is taken,
            4 data folder cannot be used.
            """
    }
}
