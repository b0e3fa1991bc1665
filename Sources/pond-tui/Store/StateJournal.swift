internal import Glibc
internal import PondKit

/// What has changed since the state was written, a line of JSON each: written with every turn of the main loop, so that
/// a program that is killed loses neither a message nor a draft. It is not forced to the disk: the kernel keeps what a
/// killed process wrote. Each line has a number, and the state says up to which one it contains them all.
final class StateJournal {
    private let path: String
    private var descriptor: Int32 = -1
    /// The number of the last line.
    private(set) var number: Int
    private var lines = ""

    /// Continues after `number`.
    init(path: String, number: Int) {
        self.path = path
        self.number = number
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    /// Adds a line; `write` writes it.
    func add(_ fields: JSONObject) {
        self.number += 1
        var object = fields
        object["n"] = .int(Int64(clamping: self.number))
        self.lines += JSON.object(object).text + "\n"
    }

    /// Writes the lines that were added, in one call.
    func write() {
        guard !self.lines.isEmpty, self.open() else { return }
        if FileDescriptor.writeAll(Array(self.lines.utf8), to: self.descriptor) { self.lines = "" }
    }

    /// The state contains everything now.
    func clear() {
        self.lines = ""
        guard self.descriptor >= 0 || access(self.path, F_OK) == 0, self.open() else { return }
        ftruncate(self.descriptor, 0)
    }

    private func open() -> Bool {
        if self.descriptor >= 0 { return true }
        guard PrivateFile.makeFolder(of: self.path) else { return false }
        self.descriptor = Glibc.open(self.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        return self.descriptor >= 0
    }

    /// The lines behind a number. The last one may be half written: it is left out.
    static func records(_ path: String, after number: Int) -> [JSON] {
        guard let bytes = PrivateFile.read(path, limit: 1 << 26) else { return [] }
        return bytes.split(separator: 0x0A).compactMap { line in
            guard let json = try? JSON(parsing: Array(line)), let found = json["n"]?.int, found > number else {
                return nil
            }
            return json
        }
    }
}
