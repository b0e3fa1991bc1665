import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite struct SearchWordsTests {
    @Test(arguments: ["t*", "qu*", "a-b*", "one* two* thr*", "t* t* t*"])
    func refusesBeginningsThatTakeTooLong(_ query: String) {
        do {
            _ = try SearchWords(query)
            Issue.record("\(query) is not refused")
        } catch { #expect(error.code == 400) }
    }

    @Test func asksForEachWordOnceAndForAtMostSixteen() throws {
        #expect(try SearchWords("One one ONE öne") == SearchWords("one"))
        let many = try #require(try SearchWords((0..<40).map { "w\($0)" }.joined(separator: " ")))
        guard case .words(let expression) = many.parts[0] else { return }
        #expect(expression.split(separator: " ").filter { $0 != "AND" }.count == SearchWords.words)
    }

    @Test func longBeginningsAreLookedUpByTheirFirstThreeLettersAndChecked() throws {
        let search = try #require(try SearchWords("Tables*"))
        #expect(search.parts == [.words("\"tab\"*"), .beginning("tables")])
        #expect(search.fits("all the TABLÉSPOONS") && !search.fits("a table, tab"))
    }

    @Test(arguments: [
        ("Jürgen", "jurgen"), ("Tiếng", "tieng"), ("Й", "и"), ("e\u{301}a", "ea"), ("x1_y", "x1 y"),
    ])
    func foldsWordsAsTheIndexDoes(_ text: String, _ folded: String) {
        #expect(WordFolding.words(in: text).joined(separator: " ") == folded)
    }
}

/// What waits for a search, and what does not.
@Suite(.timeLimit(.minutes(1))) struct SearchQueueTests {
    @Test func readsAndWritesDoNotWaitForASearchAndOnlySoManySearchesWait() async throws {
        let folder = TemporaryFolder()
        let store = try ChatStore(.file(folder.file("chat.db")))
        let fixture = try StoreFixture()
        try await fixture.fill(store, 10)
        let gate = BlockingQueue<Void>(capacity: 1)
        let searches = (0..<40).map { _ in
            Task { () -> Int in
                do throws(PondError) {
                    try await store.search { _ in _ = gate.take(upTo: 1) }
                    return 200
                } catch { return error.code }
            }
        }
        // While the search thread stands still, everything else is answered.
        let channel = fixture.general
        let page = try await store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.page(of: channel, at: .latest, count: 3)
        }
        #expect(page?.messages.count == 3)
        try await fixture.fill(store, 3, in: fixture.pair)
        gate.close()
        var codes: [Int: Int] = [:]
        for search in searches { codes[await search.value, default: 0] += 1 }
        #expect((codes[429] ?? 0) >= 40 - 18 && (codes[200] ?? 0) >= 16, "\(codes)")
        await store.close()
    }
}
