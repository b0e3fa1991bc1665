import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite struct DescriptorProbeTests {
    @Test func saysOnceAMinuteThatNoDescriptorIsLeft() {
        var (probe, lines, now) = (DescriptorProbe(), 0, ManualClock().now())
        for _ in 0..<150 {
            if probe.warning(isExhausted: true, now: now) != nil { lines += 1 }
            now = now + .seconds(1)
        }
        #expect(lines == 3)
    }

    @Test func saysNothingWhileThereAreDescriptors() {
        var probe = DescriptorProbe()
        #expect(!DescriptorProbe.isExhausted)
        let warning = probe.warning(now: ManualClock().now())
        #expect(warning == nil)
    }
}
