import PondNet

/// What the HTTP connections of one loop share. It belongs to that loop.
final class HTTPLoopContext {
    let settings: HTTPServer.Settings
    let webSocket: WebSocketContext
    let events: SSEContext

    init(_ settings: HTTPServer.Settings) {
        self.settings = settings
        self.webSocket = WebSocketContext(limits: settings.limits, deflate: settings.deflate)
        self.events = SSEContext(limits: settings.limits)
    }
}
