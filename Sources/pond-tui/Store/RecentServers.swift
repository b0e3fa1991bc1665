internal import Glibc
internal import PondKit

/// The servers that were used on this machine, by the states that were kept of them.
enum RecentServers {
    /// A state larger than this is not read for its address.
    private static let stateBytes = 4 << 20

    /// The last ones, the newest first; each server once, with the name used there last.
    static func list(in folder: String, limit: Int = 6) -> [StartScreen.RecentServer] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var found: [(path: String, name: String, time: WallTime)] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".json"), name.contains("@"), !name.contains("~") else { continue }
            var info = stat()
            guard stat(folder + "/" + name, &info) == 0 else { continue }
            let time = WallTime(milliseconds: Int64(clamping: info.st_mtim.tv_sec) * 1_000)
            found.append((folder + "/" + name, name, time))
        }
        var servers: [StartScreen.RecentServer] = []
        for file in found.sorted(by: { $0.time > $1.time }) {
            guard servers.count < limit else { break }
            guard let server = Self.server(file.path, file.name, file.time),
                !servers.contains(where: { $0.url == server.url })
            else { continue }
            servers.append(server)
        }
        return servers
    }

    private static func server(_ path: String, _ name: String, _ time: WallTime) -> StartScreen.RecentServer? {
        guard let bytes = PrivateFile.read(path, limit: Self.stateBytes), let json = try? JSON(parsing: bytes) else {
            return nil
        }
        // States of older versions name neither the address nor the user.
        let parts = name.dropLast(".json".count).split(separator: "@", maxSplits: 1).map(String.init)
        guard let nick = json["user"]?.string ?? parts.first,
            let address = json["url"]?.string ?? parts.last, let url = ServerAddress.url(address),
            StartScreen.fault(inName: nick) == nil
        else { return nil }
        return StartScreen.RecentServer(url: url, nick: nick, time: time)
    }
}
