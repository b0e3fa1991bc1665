import PondKit

/// Reads an object of options; lists may be arrays, rooms an object of topics.
struct JSONConfigurationReader {
    private(set) var entries: [ConfigurationEntry] = []
    private(set) var faults: [ConfigurationFault] = []

    init(_ text: String, file: String) {
        let json: JSON
        do throws(JSONFault) {
            json = try JSON(parsing: text)
        } catch {
            self.faults.append(ConfigurationFault(place: file, message: "no JSON: \(error)"))
            return
        }
        guard let object = json.object else {
            self.faults.append(ConfigurationFault(place: file, message: "expected a JSON object"))
            return
        }
        for (name, value) in object {
            let line = Self.line(of: name, in: text)
            let source = ConfigurationSource.file(name: file, line: line)
            if name == "rooms", let rooms = value.object {
                for (room, topic) in rooms {
                    let line = Self.line(of: room, in: text)
                    self.add("rooms.\(room)", topic, .file(name: file, line: line))
                }
            } else {
                self.add(name, value, source)
            }
        }
    }

    private mutating func add(_ name: String, _ value: JSON, _ source: ConfigurationSource) {
        let text: String
        switch value {
        case .string(let string): text = string
        case .bool(let bool): text = bool ? "yes" : "no"
        case .int(let number): text = "\(number)"
        case .uint(let number): text = "\(number)"
        case .double(let number): text = "\(number)"
        case .null: return
        case .array(let elements):
            let parts = elements.compactMap(\.string)
            guard parts.count == elements.count else { fallthrough }
            text = parts.joined(separator: ",")
        case .object:
            self.faults.append(
                ConfigurationFault(place: source.description, message: "\(name): expected a text, a number, yes or no")
            )
            return
        }
        self.entries.append(ConfigurationEntry(name: name, value: text, source: source))
    }

    /// Where a name stands first, as a name; the parser keeps no lines.
    private static func line(of name: String, in text: String) -> Int {
        var search = text[...]
        while let range = search.firstRange(of: "\"\(name)\"") {
            if search[range.upperBound...].first(where: { !$0.isWhitespace }) == ":" {
                return text[..<range.lowerBound].utf8.count { $0 == UInt8(ascii: "\n") } + 1
            }
            search = search[range.upperBound...]
        }
        return 1
    }
}
