/// Reads `name = value` lines, with `#` and `;` comments and a `[rooms]` section.
struct INIReader {
    private(set) var entries: [ConfigurationEntry] = []
    private(set) var faults: [ConfigurationFault] = []

    init(_ text: String, file: String) {
        var section = ""
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Self.trimmed(raw)
            let place = "\(file):\(index + 1)"
            guard let first = line.first, first != "#", first != ";" else { continue }
            if first == "[" {
                guard line.last == "]" else {
                    self.faults.append(ConfigurationFault(place: place, message: "a section has no ]"))
                    continue
                }
                section = String(Self.trimmed(line.dropFirst().dropLast()))
                if section != "rooms", section != "server" {
                    self.faults.append(
                        ConfigurationFault(
                            place: place,
                            message: "there is no section \(quoted(section)), only [server] and [rooms]"
                        )
                    )
                }
                continue
            }
            guard let equals = line.firstIndex(of: "=") else {
                self.faults.append(ConfigurationFault(place: place, message: "expected name = value"))
                continue
            }
            let name = String(Self.trimmed(line[..<equals]))
            guard !name.isEmpty else {
                self.faults.append(ConfigurationFault(place: place, message: "a value has no name"))
                continue
            }
            var value = Self.trimmed(line[line.index(after: equals)...])
            if value.count > 1, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            guard section == "rooms" || section == "server" || section.isEmpty else { continue }
            self.entries.append(
                ConfigurationEntry(
                    name: section == "rooms" ? "rooms.\(name)" : name,
                    value: String(value),
                    source: .file(name: file, line: index + 1)
                )
            )
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return text.drop { $0.isWhitespace }
    }
}
