import Glibc

/// Small files, read whole.
enum TextFile {
    private static let limit = 1 << 20

    /// The content of a file, or why it cannot be read.
    static func read(_ path: String) -> Result<String, ConfigurationFault> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(Self.fault(path)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < Self.limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(Self.fault(path)) }
            if count == 0 { return .success(String(decoding: bytes, as: UTF8.self)) }
            bytes += buffer.prefix(count)
        }
        return .failure(ConfigurationFault(place: path, message: "is larger than 1 MiB"))
    }

    /// Makes a file that only its owner may read; fails where there is one.
    static func create(_ path: String, _ text: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let bytes = Array(text.utf8)
        let isWhole = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        if !isWhole { unlink(path) }
        return isWhole
    }

    private static func fault(_ path: String) -> ConfigurationFault {
        ConfigurationFault(place: path, message: String(cString: strerror(errno)))
    }
}
