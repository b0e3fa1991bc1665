/// Strings that are JSON as they are, but for the quotes: nearly every name and id.
package enum JSONPlainText {
    /// The bytes of a string in quotes; `nil` where something in it has to be escaped.
    @inline(__always)
    package static func count(of text: String) -> Int? {
        text.utf8.withContiguousStorageIfAvailable { bytes -> Int? in
            let raw = UnsafeRawBufferPointer(bytes)
            var index = 0
            while index &+ 8 <= raw.count {
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                // A byte above ASCII needs no escape.
                guard JSONCursor.specialBytes(of: word) & ~word == 0 else { return nil }
                index &+= 8
            }
            while index < raw.count {
                let byte = raw[index]
                guard byte >= 0x20, byte != 0x22, byte != 0x5C else { return nil }
                index &+= 1
            }
            return raw.count &+ 2
        } ?? nil
    }

    /// Writes a string in quotes, of which `count` said that it is plain; gives the place behind it.
    @inline(__always)
    static func write(_ text: String, to space: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        space.storeBytes(of: 0x22, as: UInt8.self)
        let end =
            text.utf8.withContiguousStorageIfAvailable { bytes in
                let raw = UnsafeRawBufferPointer(bytes)
                if let start = raw.baseAddress { (space + 1).copyMemory(from: start, byteCount: raw.count) }
                return space + (1 &+ raw.count)
            } ?? space + 1
        end.storeBytes(of: 0x22, as: UInt8.self)
        return end + 1
    }

    /// Writes text that is JSON already; gives the place behind it.
    @inline(__always)
    static func write(json text: StaticString, to space: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        space.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        return space + text.utf8CodeUnitCount
    }
}
