import PondChat
import PondKit

/// `pond-server admin doctor`: what an operator should know about the running server.
extension AdminActions {
    func doctor(_ output: AdminOutput) async throws(PondError) {
        let findings = await self.findings()
        for finding in findings { output.line(finding.line) }
        let faults = findings.count { $0.level == .fault }
        if faults > 0 { throw .internalError("\(faults) of \(findings.count) checks failed") }
    }

    func findings() async -> [Finding] {
        let configuration = self.chat.configuration
        var findings = ServerFiles.faults(of: configuration).map { Finding(.fault, "configuration", $0) }
        if findings.isEmpty { findings.append(Finding(.ok, "configuration", "every file that it names can be used")) }
        if let file = configuration.certificateFile {
            findings.append(MachineCheck.certificate(file, secondsLeft: MachineCheck.certificateTime(file)))
        }
        findings.append(
            MachineCheck.descriptors(limit: MachineCheck.descriptorLimit, connections: configuration.connectionLimit)
        )
        findings += self.storeFindings(configuration)
        findings.append(self.clockFinding)
        findings += await self.clusterFindings()
        return findings
    }

    private func storeFindings(_ configuration: ServerConfiguration) -> [Finding] {
        var findings: [Finding] = []
        if let fault = self.chat.store.fault {
            findings.append(Finding(.fault, "database", "\(fault.kind): \(fault.message)"))
        } else {
            findings.append(Finding(.ok, "database", "it can be read and written; `admin check` reads all of it"))
        }
        guard !configuration.inMemory else {
            return findings + [Finding(.warning, "disk", "messages are in memory only: nothing survives a restart")]
        }
        if let space = MachineCheck.space(in: configuration.dataFolder) {
            findings.append(MachineCheck.disk(free: space.free, total: space.total, in: configuration.dataFolder))
        } else {
            findings.append(Finding(.fault, "disk", "\(configuration.dataFolder) cannot be asked for its free space"))
        }
        return findings
    }

    private var clockFinding: Finding {
        guard let latest = self.chat.watch.clockJumpedFrom else {
            return Finding(.ok, "clock", "plausible: \(LogLine.timestamp(self.chat.clock.calendar()))")
        }
        return Finding(
            .fault,
            "clock",
            "it jumped from \(LogLine.timestamp(latest)), so nothing is deleted: set it, or run `admin trust-clock`"
        )
    }

    private func clusterFindings() async -> [Finding] {
        guard let cluster = self.chat.cluster else { return [] }
        guard !cluster.questions.isAway, let durability = await RedisDurability.ask(cluster.questions) else {
            return [Finding(.fault, "redis", "it does not answer: this server works without the others")]
        }
        var findings = durability.warnings.map { Finding(.warning, "redis", $0) }
        if findings.isEmpty { findings.append(Finding(.ok, "redis", "an acknowledged message is on its disk")) }
        let untold = await self.chat.store.untold().count
        if untold > 0 { findings.append(Finding(.warning, "redis", "\(untold) changes did not reach the others yet")) }
        if let ahead = await self.secondsAhead(cluster.questions), abs(ahead) > 2 {
            let seconds = PeerNumber.whole(ahead).map { "\($0)" } ?? "many"
            findings.append(Finding(.warning, "clock", "it is \(seconds) seconds ahead of that of Redis"))
        }
        return findings
    }

    /// The seconds by which this machine's clock is ahead of that of Redis; `nil` where Redis does not answer.
    private func secondsAhead(_ questions: SharedQuestions) async -> Double? {
        guard case .array(let parts) = await questions.ask(["TIME"]), case .bulk(let seconds)? = parts.first,
            let time = Double(String(decoding: seconds, as: UTF8.self)).flatMap(PeerNumber.milliseconds(ofSeconds:))
        else { return nil }
        return self.chat.clock.calendar().since(ChatTime(milliseconds: time)).inSeconds
    }
}
