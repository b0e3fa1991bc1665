/// A moment as a calendar and a clock on the wall show it.
struct CivilTime: Hashable, Sendable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    /// 0 is Sunday.
    var weekday: Int

    /// The wall time of a moment, so many seconds east of Greenwich.
    init(_ time: WallTime, secondsEast: Int) {
        // Peers send times: bounded, so that no arithmetic can overflow.
        let bounded = min(max(time.milliseconds, -62_135_596_800_000), 253_402_300_799_000)
        let seconds = Int(bounded.flooredDivision(by: 1_000)) + secondsEast
        let days = seconds.flooredDivision(by: 86_400)
        let inDay = seconds - days * 86_400
        self.hour = inDay / 3_600
        self.minute = inDay / 60 % 60
        self.second = inDay % 60
        self.weekday = (days + 4) - (days + 4).flooredDivision(by: 7) * 7
        // Days to a civil date, by eras of 400 years that begin on 1 March.
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * ofYear + 2) / 153
        self.day = ofYear - (153 * marchMonth + 2) / 5 + 1
        self.month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    /// `12:41`
    var clock: String { "\(self.hour.padded(2)):\(self.minute.padded(2))" }
    /// `12:41:58`
    var clockWithSeconds: String { "\(self.clock):\(self.second.padded(2))" }
    /// `Tue 18 Nov`
    var shortDay: String { "\(Self.weekdays[self.weekday]) \(self.day) \(Self.months[self.month - 1])" }
    /// `Tue 18 Nov 2025`
    var longDay: String { "\(self.shortDay) \(self.year)" }
    /// `2025-11-18`
    var isoDay: String { "\(self.year.padded(4))-\(self.month.padded(2))-\(self.day.padded(2))" }

    /// Whether two moments fall on the same day.
    func isSameDay(as other: CivilTime) -> Bool {
        self.day == other.day && self.month == other.month && self.year == other.year
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension BinaryInteger {
    /// The quotient rounded down, also for negative numbers.
    func flooredDivision(by divisor: Self) -> Self {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The number in decimal with leading zeros.
    func padded(_ digits: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
    }
}
