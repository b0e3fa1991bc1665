package import Testing

/// What `#expect(actual == expected)` says, for calls that mutate: the macro cannot hold those.
package func expect<Value: Equatable>(
    _ actual: Value,
    is expected: Value,
    _ comment: @autoclosure () -> Comment? = nil,
    at location: SourceLocation = #_sourceLocation
) {
    #expect(actual == expected, comment(), sourceLocation: location)
}
