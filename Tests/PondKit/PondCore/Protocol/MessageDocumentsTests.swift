import Testing

@testable import PondCore

@Suite struct MessageDocumentsTests {
    private func documents(_ text: String, limit: Int = 256) -> [String] {
        var limits = Limits.default
        limits.messagesPerFrame = limit
        return Array(text.utf8).withUnsafeBytes { bytes in
            MessageScanner.documents(in: bytes, limits: limits).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test func splitsAtNewlinesOutsideObjectsOnly() {
        #expect(self.documents("{}") == ["{}"])
        #expect(self.documents("{}\n{}\n") == ["{}", "{}"])
        #expect(self.documents("\n\n{}\n \n{}\r\n") == ["{}", "{}\r"])
        #expect(self.documents("{\n\"a}\\\"\":[\n1]\n}\n{}") == ["{\n\"a}\\\"\":[\n1]\n}", "{}"])
        #expect(self.documents("bad}\n{}") == ["bad}", "{}"])
    }

    @Test func givesOneFaultyDocumentForAnEmptyFrame() {
        #expect(self.documents("") == [""])
        #expect(self.documents("  ") == ["  "])
        #expect(self.documents("\n").count == 1)
        #expect(self.documents("\n \n").count == 1)
    }

    @Test func putsWhatPassesTheLimitIntoTheLastDocument() {
        #expect(self.documents("1\n2\n3\n4", limit: 3) == ["1", "2", "3\n4"])
        #expect(self.documents(String(repeating: "\n", count: 1000) + "1", limit: 1).count == 1)
    }
}
