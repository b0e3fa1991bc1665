import Testing

@testable import PondCore
@testable import PondServer

/// A client that announces no session leaves its channels with its socket, however the socket ends.
@Suite(.timeLimit(.minutes(1))) struct SocketEndTests {
    enum End: CaseIterable { case closeFrame, fin, reset }

    @Test(arguments: [TransportKind.webSocket, .serverSentEvents], End.allCases)
    func aFirstVersionClientLeavesWithItsSocket(kind: TransportKind, end: End) async throws {
        // A client that stayed for a grace time would stay for longer than this test may take.
        let harness = try await HTTPHarness { $0.limits.sessionGrace = .seconds(3600) }
        let lobby = try #require(harness.pond.endpoint("/socket")).createChannel("/watched/:room") { $0.accept() }
        lobby.onLeave { context in context.broadcast("left") }
        let join = HTTPHarness.message("JOIN_CHANNEL", "x").replacing("/chat/", with: "/watched/")
        let witness = try await harness.webSocket("?pond_session=new")
        await witness.write(.masked(.text, join))
        await witness.forget(through: "ACKNOWLEDGE")
        let peer: RawPeer
        if kind == .webSocket {
            peer = try await harness.webSocket()
            await peer.write(.masked(.text, join))
        } else {
            let (stream, id) = try await harness.stream()
            peer = stream
            #expect(try await harness.post(join, to: id) == "HTTP/1.1 204 No Content")
        }
        await peer.text(holding: "ACKNOWLEDGE")
        switch end {
        case .closeFrame where kind == .webSocket: await peer.write(.maskedClose(1011))
        case .closeFrame, .fin: await peer.close()
        case .reset: await peer.abort()
        }
        #expect(await witness.text(holding: "left").contains("left"))
        await harness.stop()
    }
}
