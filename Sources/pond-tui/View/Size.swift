/// A number of columns and rows.
struct Size: Hashable, Sendable {
    var columns: Int
    var rows: Int
}
