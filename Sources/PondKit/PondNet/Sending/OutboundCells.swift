import PondRuntime

/// Memory for the outbound states of one loop's channels, each in a line of the processor's cache of its own.
///
/// A channel may be let go of on another thread, so there is a lock; it is taken once in a connection's life and once
/// at its end.
final class OutboundCells: Sendable {
    private struct Cells {
        var chunks: [UnsafeMutableRawPointer] = []
        /// Cells that are free; each holds the address of the next.
        var free: UnsafeMutableRawPointer?
    }

    private static let cellBytes = 64
    private static let cellsPerChunk = 64

    private let cells = Lock(Cells())

    /// The last channel is gone, for each keeps this alive.
    deinit {
        self.cells.withLock { cells in
            for chunk in cells.chunks { chunk.deallocate() }
        }
    }

    func make(_ state: OutboundState) -> UnsafeMutablePointer<OutboundState> {
        assert(MemoryLayout<OutboundState>.stride <= Self.cellBytes)
        let cell = self.cells.withLock { cells in
            let cell = cells.free ?? Self.grow(&cells)
            cells.free = cell.load(as: UnsafeMutableRawPointer?.self)
            return cell
        }
        return cell.initializeMemory(as: OutboundState.self, to: state)
    }

    func remove(_ state: UnsafeMutablePointer<OutboundState>) {
        let cell = UnsafeMutableRawPointer(state.deinitialize(count: 1))
        self.cells.withLock { cells in
            cell.storeBytes(of: cells.free, as: UnsafeMutableRawPointer?.self)
            cells.free = cell
        }
    }

    private static func grow(_ cells: inout Cells) -> UnsafeMutableRawPointer {
        let chunk = UnsafeMutableRawPointer.allocate(
            byteCount: self.cellBytes * self.cellsPerChunk,
            alignment: self.cellBytes
        )
        cells.chunks.append(chunk)
        for index in 0..<self.cellsPerChunk {
            let next = index + 1 < self.cellsPerChunk ? chunk + (index + 1) * self.cellBytes : nil
            (chunk + index * self.cellBytes).storeBytes(of: next, as: UnsafeMutableRawPointer?.self)
        }
        return chunk
    }
}
