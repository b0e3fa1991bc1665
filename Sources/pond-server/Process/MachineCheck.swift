import CPondTLS
import Glibc

/// Judges what the machine gives the server: descriptors, disk, certificates.
enum MachineCheck {
    /// The open files that a server needs besides its connections: listeners, database, event loops.
    private static let otherDescriptors = 64

    static func descriptors(limit: UInt64, connections: Int) -> Finding {
        let needed = connections.addingReportingOverflow(Self.otherDescriptors)
        guard !needed.overflow, UInt64(clamping: needed.partialValue) <= limit else {
            return Finding(
                .warning,
                "process",
                "\(limit) open files are allowed, \(connections) connections need more: raise LimitNOFILE, or lower "
                    + "the option connections"
            )
        }
        return Finding(.ok, "process", "\(limit) open files are allowed, enough for \(connections) connections")
    }

    static func disk(free: UInt64, total: UInt64, in folder: String) -> Finding {
        let megabytes = free >> 20
        let text = "\(megabytes) MB of \(total >> 20) MB are free in \(folder)"
        if megabytes < 64 { return Finding(.fault, "disk", "\(text): messages will soon not be stored") }
        return Finding(free < total / 20 || megabytes < 1_024 ? .warning : .ok, "disk", text)
    }

    static func certificate(_ file: String, secondsLeft: Int64?) -> Finding {
        guard let secondsLeft else { return Finding(.fault, "certificate", "\(file) cannot be read") }
        let days = secondsLeft / 86_400
        if secondsLeft <= 0 { return Finding(.fault, "certificate", "\(file) has expired: clients are refused") }
        if days < 14 {
            return Finding(.warning, "certificate", "\(file) expires in \(days) days: renew it, then SIGHUP")
        }
        return Finding(.ok, "certificate", "\(file) is valid for \(days) days")
    }

    // What is so now

    static var descriptorLimit: UInt64 {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : 0
    }

    /// The free and all bytes of the disk under a folder; `nil` where it cannot be asked.
    static func space(in folder: String) -> (free: UInt64, total: UInt64)? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let block = UInt64(status.f_frsize)
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: block)
        let total = UInt64(status.f_blocks).multipliedReportingOverflow(by: block)
        return free.overflow || total.overflow ? nil : (free.partialValue, total.partialValue)
    }

    /// The seconds until the first certificate of a file expires; `nil` where there is none.
    static func certificateTime(_ file: String) -> Int64? {
        guard let source = BIO_new_file(file, "r") else { return nil }
        defer { BIO_free(source) }
        guard let certificate = PEM_read_bio_X509(source, nil, nil, nil) else { return nil }
        defer { X509_free(certificate) }
        var (days, seconds): (Int32, Int32) = (0, 0)
        guard ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(certificate)) == 1 else { return nil }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}
