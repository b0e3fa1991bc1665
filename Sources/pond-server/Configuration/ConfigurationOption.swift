/// One thing to choose: its name in files, flags (`--name`) and environment (`POND_NAME`), and how it is read.
struct ConfigurationOption: Sendable {
    let name: String
    /// What stands for the value in the help; empty for a switch, which may stand without one.
    let placeholder: String
    let help: String
    /// Puts a value into a configuration, or says what is wrong with it.
    let apply: @Sendable (inout ServerConfiguration, String) throws(OptionFault) -> Void
    /// The value in a configuration, as it could be written in a file.
    let show: @Sendable (ServerConfiguration) -> String

    var isSwitch: Bool { self.placeholder.isEmpty }
    var flag: String { "--\(self.name)" }
    var variable: String { "POND_" + self.name.uppercased().replacing("-", with: "_") }

    /// What is wrong with a value.
    struct OptionFault: Error, Sendable {
        let message: String
    }
}
