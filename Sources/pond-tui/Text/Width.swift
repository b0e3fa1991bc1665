/// How many cells a scalar takes in a terminal, the same on every machine and in every locale.
enum Width {
    /// 0, 1 or 2; `nil` for controls and for scalars newer than the table, which no two terminals draw alike.
    static func of(_ scalar: Unicode.Scalar) -> Int? {
        let value = scalar.value
        if value < 0xA0 { return value >= 0x20 && value < 0x7F ? 1 : nil }
        // The last run that begins at or before the scalar.
        let wanted = value << 2 | 3
        var low = 0
        var high = Self.runs.count
        while low < high {
            let middle = (low + high) / 2
            if Self.runs[middle] <= wanted { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let code = Self.runs[low - 1] & 3
        return code == 3 ? nil : Int(code)
    }
}
