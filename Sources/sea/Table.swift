import Arguments
import SparseRecovery

extension Sea {
  /// Everything the tool understands.
  static let table = CommandTable(
    tool: "sea",
    summary: "Sparse support recovery: find the few columns of a matrix that explain a vector",
    version: packageVersion,
    commands: [
      SolveCommand.table, PathCommand.table, ReduceCommand.table, PredictCommand.table,
      GenerateCommand.table, ExperimentCommand.table, MergeCommand.table, PlotCommand.table,
      BenchCommand.table,
      DevicesCommand.table,
      CompletionsCommand.table, HelpCommand.table,
    ])
}

/// `sea help`: the long help of a command.
struct HelpCommand {
  /// What `sea help` understands.
  static let table = Command(
    name: "help", summary: "Explain a command, with examples",
    arguments: [
      Argument("command", .text, help: "The command to explain", isRequired: false)
    ])

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    guard let name = arguments.text(ifGiven: "command") else {
      return try Console.write(Sea.table.overview(width: Console.width))
    }
    try Console.write(
      Sea.table.longHelp(for: try Sea.table.command(named: name), width: Console.width))
  }
}

/// `sea completions`: a script that teaches a shell the table.
struct CompletionsCommand {
  /// What `sea completions` understands.
  static let table = Command(
    name: "completions", summary: "Write a completion script for a shell",
    examples: [
      Example("Complete 'sea' in this bash", "source <(sea completions bash)")
    ],
    arguments: [Argument("shell", .choice(of: Shell.self), help: "The shell")])

  private enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    switch arguments.choice("shell", as: Shell.self) {
    case .bash: try Console.write(Sea.table.bashCompletions())
    case .zsh: try Console.write(Sea.table.zshCompletions())
    case .fish: try Console.write(Sea.table.fishCompletions())
    }
  }
}
