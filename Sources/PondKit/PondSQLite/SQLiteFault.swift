/// Why SQLite did not do what it was asked to.
package struct SQLiteFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What a caller can do about it.
    package var kind: Kind
    /// SQLite's extended result code.
    package var code: Int32
    /// SQLite's words, for the log.
    package var message: String

    package init(_ kind: Kind, code: Int32 = 0, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    package enum Kind: Sendable, Hashable {
        /// No room on the disk, or in the quota.
        case full
        /// The file or its folder cannot be written.
        case readOnly
        /// Another process holds the file, or too much is waiting already.
        case busy
        /// The file is damaged, or is no database of ours.
        case corrupt
        /// The disk fails.
        case inputOutput
        /// A row contradicts a rule of the schema.
        case constraint
        /// The file cannot be opened.
        case cannotOpen
        /// The store is closed.
        case closed
        /// A mistake of this program.
        case misuse
    }

    /// Whether the fault lies in the disk and not in what was asked: the same attempt may succeed later.
    package var isTemporary: Bool {
        switch self.kind {
        case .full, .readOnly, .busy, .inputOutput: true
        default: false
        }
    }

    package var description: String { "\(self.kind): \(self.message) (\(self.code))" }
}
