import Glibc
import PondKit
import PondTesting
import Testing

@testable import PondClient

@Suite struct FileOutboxStoreTests {
    static func message(_ number: Int, _ text: String = "hi") -> OutboxChange {
        let message = StoredOutbox.Message(
            id: "id-\(number)",
            requestId: "request-\(number)",
            event: "message",
            payload: ["text": .string(text)]
        )
        return .added(message, channel: "/chat/1")
    }

    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : -1
    }

    @Test func keepsItsStateForTheNextProcess() throws {
        let folder = TemporaryFolder()
        let path = folder.file("outbox")
        try FileOutboxStore(path).store([Self.message(1), Self.message(2), .removed(id: "id-1", channel: "/chat/1")])
        let state = try FileOutboxStore(path).load()
        #expect(state.channels["/chat/1"]?.messages.map(\.id) == ["id-2"])
    }

    @Test func onlyItsOwnerMayReadIt() throws {
        let folder = TemporaryFolder()
        let path = folder.file("outbox")
        let store = try FileOutboxStore(path)
        try store.store([Self.message(1)])
        for file in [path, path + ".lock"] {
            var status = stat()
            #expect(stat(file, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func refusesASecondUser() throws {
        let folder = TemporaryFolder()
        let path = folder.file("outbox")
        let store = try FileOutboxStore(path)
        #expect(throws: PondError.self) { try FileOutboxStore(path) }
        try store.store([Self.message(1)])
    }

    @Test func movesAFileAsideThatIsNoOutbox() throws {
        let folder = TemporaryFolder()
        let path = folder.file("outbox")
        let file = try #require(fopen(path, "w"))
        fputs("something else", file)
        fclose(file)
        let store = try FileOutboxStore(path)
        #expect(store.movedAside == path + ".damaged")
        #expect(Self.size(path + ".damaged") == 14)
        #expect(try store.load() == StoredOutbox())
    }

    @Test func goesOnBehindALineThatWasCutOff() throws {
        let folder = TemporaryFolder()
        let path = folder.file("outbox")
        try FileOutboxStore(path).store([Self.message(1), Self.message(2)])
        #expect(truncate(path, Self.size(path) - 5) == 0)
        do {
            let store = try FileOutboxStore(path)
            #expect(store.damagedLines == 1)
            try store.store([Self.message(3)])
        }
        let store = try FileOutboxStore(path)
        #expect(store.damagedLines == 0)
        #expect(try store.load().channels["/chat/1"]?.messages.map(\.id) == ["id-1", "id-3"])
    }

    @Test func doesNotGrowWithWhatIsComplete() throws {
        let folder = TemporaryFolder()
        let path = folder.file("outbox")
        let store = try FileOutboxStore(path)
        for number in 0..<5_000 {
            try store.store([
                Self.message(number), .position(StreamPosition(epoch: "e", offset: 1), channel: "/chat/1"),
            ])
            try store.store([.removed(id: "id-\(number)", channel: "/chat/1")])
        }
        #expect(Self.size(path) < 100_000)
        #expect(try store.load().channels["/chat/1"]?.messages.isEmpty == true)
    }

    @Test func refusesWhatIsOverItsSizeAndKeepsTheRest() throws {
        let folder = TemporaryFolder()
        let path = folder.file("outbox")
        let store = try FileOutboxStore(path, maximumBytes: 100_000)
        try store.store([Self.message(1)])
        let long = String(repeating: "a", count: 200_000)
        #expect(throws: PondError.self) { try store.store([Self.message(2, long)]) }
        try store.store([Self.message(3)])
        #expect(try store.load().channels["/chat/1"]?.messages.map(\.id) == ["id-1", "id-3"])
    }
}
