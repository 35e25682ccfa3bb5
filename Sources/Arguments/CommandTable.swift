/// Everything a command-line tool understands, in one table: parsing, help, and shell completions
/// are all read from it, so that they cannot disagree.
///
/// Help refers to a command named `help`, which shows ``longHelp(for:width:)``.
package struct CommandTable: Sendable {
  /// The name of the tool, as it is typed.
  package let tool: String
  /// What the tool does, in one sentence.
  package let summary: String
  /// The version that `--version` prints.
  package let version: String
  /// The commands, in the order in which help lists them.
  package let commands: [Command]

  /// Collects the commands.
  ///
  /// - Precondition: command names are distinct.
  package init(tool: String, summary: String, version: String, commands: [Command]) {
    precondition(Set(commands.map(\.name)).count == commands.count, "two commands of one name")
    self.tool = tool
    self.summary = summary
    self.version = version
    self.commands = commands
  }

  /// The command of this name, or an error that suggests the nearest one.
  package func command(named name: String) throws(UsageError) -> Command {
    guard let command = commands.first(where: { $0.name == name }) else {
      throw .unknownCommand(found: name, suggestion: nearest(to: name, among: commands.map(\.name)))
    }
    return command
  }
}
