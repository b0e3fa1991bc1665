internal import CPondSQLite

extension SQLiteFault {
    /// The fault behind an extended result code.
    init(code: Int32, message: String) {
        let kind: Kind =
            switch code & 0xFF {
            case SQLITE_FULL: .full
            case SQLITE_READONLY, SQLITE_PERM: .readOnly
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_IOERR: .inputOutput
            case SQLITE_CONSTRAINT: .constraint
            case SQLITE_CANTOPEN: .cannotOpen
            default: .misuse
            }
        self.init(kind, code: code, message: message)
    }
}
