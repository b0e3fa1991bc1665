/// What shells need to complete the command line.
enum Completions {
    /// The shells that are known.
    enum Shell: String, CaseIterable, Sendable {
        case bash
        case zsh
        case fish
    }

    static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: Self.bash
        case .zsh: Self.zsh
        case .fish: Self.fish
        }
    }

    private static var bash: String {
        let words = CommandLineOption.all.flatMap(\.names).joined(separator: " ")
        let cases = CommandLineOption.all.compactMap { option -> String? in
            let pattern = option.names.joined(separator: "|")
            return switch option.argument {
            case nil: nil
            case .word: "        \(pattern)) return ;;"
            case .file: "        \(pattern)) COMPREPLY=($(compgen -f -- \"$word\")); return ;;"
            case .oneOf(_, let values):
                "        \(pattern)) COMPREPLY=($(compgen -W \"\(values.joined(separator: " "))\" -- \"$word\")); return ;;"
            }
        }
        return """
            # bash completion for pond-tui: source <(pond-tui --completion bash)
            _pond_tui() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
                COMPREPLY=()
                case $before in
                    ctl) COMPREPLY=($(compgen -f -- "$word")); return ;;
            \(cases.joined(separator: "\n"))
                esac
                COMPREPLY=($(compgen -W "ctl \(words)" -- "$word"))
            }
            complete -F _pond_tui pond-tui

            """
    }

    private static var zsh: String {
        let options = CommandLineOption.all.map { option -> String in
            let names =
                option.names.count > 1
                ? "'(\(option.names.joined(separator: " ")))'{\(option.names.joined(separator: ","))}"
                : "'\(option.names[0])"
            let quote = option.names.count > 1 ? "'" : ""
            let argument =
                switch option.argument {
                case nil: ""
                case .word(let name): ":\(name): "
                case .file(let name): ":\(name):_files"
                case .oneOf(let name, let values): ":\(name):(\(values.joined(separator: " ")))"
                }
            return "    \(names)\(quote)[\(Self.quoted(option.summary))]\(argument)'"
        }
        return """
            #compdef pond-tui
            # zsh completion for pond-tui: pond-tui --completion zsh > a file _pond-tui in $fpath
            _arguments -s \\
            \(options.joined(separator: " \\\n")) \\
                '*:server:_hosts'

            """
    }

    private static var fish: String {
        let options = CommandLineOption.all.map { option -> String in
            let names = option.names.map { name in
                name.hasPrefix("--") ? "-l \(name.dropFirst(2))" : "-s \(name.dropFirst())"
            }
            let argument =
                switch option.argument {
                case nil: ""
                case .word: " -x"
                case .file: " -r -F"
                case .oneOf(_, let values): " -x -a '\(values.joined(separator: " "))'"
                }
            return "complete -c pond-tui \(names.joined(separator: " "))\(argument) -d '\(Self.quoted(option.summary))'"
        }
        return """
            # fish completion for pond-tui: pond-tui --completion fish | source
            complete -c pond-tui -f
            complete -c pond-tui -n __fish_use_subcommand -a ctl -d 'give a command to a running pond-tui'
            \(options.joined(separator: "\n"))

            """
    }

    /// A text inside single quotes and brackets.
    private static func quoted(_ text: String) -> String {
        text.map { $0 == "'" ? "" : $0 == "[" || $0 == "]" ? " " : String($0) }.joined()
    }
}
