import Arguments
import Glibc
import SparseRecovery

/// The command-line tool.
@main
enum Sea {
  static func main() {
    OpenBLAS.useThisProcessor()
    SearchPath.keepAbsolute()
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      Console.error("sea: \(error)")
      exit(ExitCode(error).rawValue)
    }
  }

  private static func run(_ words: [String]) throws {
    switch try table.parse(words) {
    case .version: try Console.write("sea \(table.version)\n")
    case .help(nil): try Console.write(table.overview(width: Console.width))
    case .help(let command?): try Console.write(table.shortHelp(for: command, width: Console.width))
    case .run(let arguments): try run(arguments)
    }
  }

  private static func run(_ arguments: ParsedArguments) throws {
    try IdleOption.refuse(arguments)
    switch arguments.command.name {
    case SolveCommand.table.name: try SolveCommand(arguments).run()
    case PathCommand.table.name: try PathCommand(arguments).run()
    case ReduceCommand.table.name: try ReduceCommand(arguments).run()
    case PredictCommand.table.name: try PredictCommand(arguments).run()
    case GenerateCommand.table.name: try GenerateCommand(arguments).run()
    case ExperimentCommand.table.name: try ExperimentCommand(arguments).run()
    case MergeCommand.table.name: try MergeCommand(arguments).run()
    case PlotCommand.table.name: try PlotCommand(arguments).run()
    case BenchCommand.table.name: try BenchCommand(arguments).run()
    case DevicesCommand.table.name: try DevicesCommand(arguments).run()
    case CompletionsCommand.table.name: try CompletionsCommand(arguments).run()
    default: try HelpCommand(arguments).run()
    }
  }
}
