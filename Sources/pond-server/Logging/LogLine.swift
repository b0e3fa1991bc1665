import PondChat
import PondKit

/// One log message as text. Pure.
enum LogLine {
    static func format(
        _ format: LogFormat,
        at time: ChatTime,
        _ level: LogLevel,
        _ message: String,
        _ fields: [(String, JSON)]
    ) -> String {
        switch format {
        case .text:
            let level = "\(level)".uppercased()
            let padding = String(repeating: " ", count: max(0, 7 - level.count))
            let fields = fields.map { " \($0.0)=\(Self.plain($0.1))" }.joined()
            return "\(Self.timestamp(time)) \(level)\(padding) \(Self.oneLine(message))\(fields)\n"
        case .json:
            var object = JSONObject([
                ("time", .string(Self.timestamp(time))), ("level", .string("\(level)")), ("message", .string(message)),
            ])
            for (name, value) in fields { object[name] = value }
            return JSON.object(object).text + "\n"
        }
    }

    /// `2026-11-21T12:00:00.123Z`
    static func timestamp(_ time: ChatTime) -> String {
        let (days, rest) = Self.divided(time.milliseconds, by: 86_400_000)
        let (year, month, day) = Self.date(days)
        let seconds = rest / 1000
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T"
            + "\(Self.padded(seconds / 3600, 2)):\(Self.padded(seconds / 60 % 60, 2)):\(Self.padded(seconds % 60, 2))"
            + ".\(Self.padded(rest % 1000, 3))Z"
    }

    /// The day of the calendar so many days after 1970 began.
    private static func date(_ days: Int64) -> (Int64, Int64, Int64) {
        // Years begin in March here, so that the leap day is the last one.
        let (era, dayOfEra) = Self.divided(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0), calendarMonth, day)
    }

    private static func divided(_ number: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func plain(_ value: JSON) -> String {
        guard let text = value.string else { return value.text }
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0.value < 0x7F }
        return isPlain ? text : value.text
    }

    /// What a peer had a hand in must not begin a new line or speak to the terminal.
    private static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: line.append("\u{FFFD}")
            default: line.append(scalar)
            }
        }
        return String(line)
    }
}

/// How log lines look.
enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// For people: time, level, message, `name=value`.
    case text
    /// For programs: one JSON object a line.
    case json
}
