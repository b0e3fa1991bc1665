import Glibc

/// What a process has used so far, from /proc.
struct ProcessUsage {
    /// Processor time of all its threads.
    var nanoseconds: UInt64 = 0
    /// Memory that is in RAM.
    var residentBytes = 0
    /// Processor time of the kernel's soft-interrupt threads, on the whole machine: some sends end there.
    var softInterruptNanoseconds: UInt64 = 0

    init(pid: Int32) {
        for task in Self.entries(of: "/proc/\(pid)/task") {
            self.nanoseconds += Self.runTime("/proc/\(pid)/task/\(task)/schedstat")
        }
        for line in Self.read("/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
            self.residentBytes = (number ?? 0) * 1024
        }
        for entry in Self.softInterruptThreads {
            self.softInterruptNanoseconds += Self.runTime("/proc/\(entry)/schedstat")
        }
    }

    /// The process that asks.
    static var own: Int32 { getpid() }

    private static let softInterruptThreads: [String] = Self.entries(of: "/proc").filter {
        Int($0) != nil && Self.read("/proc/\($0)/comm").hasPrefix("ksoftirqd")
    }

    private static func runTime(_ path: String) -> UInt64 {
        Self.read(path).split(separator: " ").first.flatMap { UInt64($0) } ?? 0
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    private static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
