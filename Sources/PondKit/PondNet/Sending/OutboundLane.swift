/// Where a broadcast is put for one channel without asking its owner; valid while the channel lives.
///
/// The owner says with `takeShared` what it lets pass here.
package struct OutboundLane {
    let state: UnsafeMutablePointer<OutboundState>
}
