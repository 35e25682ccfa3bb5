import Arguments
import Experiments
import SparseRecovery

/// `sea merge`: shards of an experiment or of a path, joined.
struct MergeCommand {
  /// What `sea merge` understands.
  static let table = Command(
    name: "merge", summary: "Join what was shared out by --shard",
    description: """
      Files must come from the same settings and the same version; problems that several of them \
      hold must agree. The result is ordered: without times it is the same, byte for byte, however \
      the problems were shared out.
      Of the shares of 'sea path' it makes one checkpoint, from which the path goes on with --resume.
      """,
    examples: [
      Example("All shards in a folder", "sea merge spikes --output spikes/results.jsonl"),
      Example(
        "Two files of other machines",
        "sea merge one.jsonl --with two.jsonl --output both.jsonl"),
      Example(
        "The two halves of a path",
        "sea merge p.checkpoint-1-of-2 --with p.checkpoint-2-of-2 --output p.checkpoint"),
    ],
    arguments: [
      Argument("path", .file, help: "A file of results, a folder with shards, or a checkpoint")
    ],
    groups: [
      OptionGroup(
        "Merging",
        [
          Option("with", letter: "w", .file, help: "Another file to join", isRepeatable: true),
          Option("times", .negatableFlag(isOn: true), help: "Keep the times of solves"),
          Option("output", letter: "o", .file, help: "The file to write", isRequired: true),
          OutputFiles.option,
        ])
    ])

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    let output = arguments.text("output")
    let files = OutputFiles(arguments)
    try files.check(output)
    let paths = try paths()
    if try MergedShares.areShares(paths[0]) {
      return try MergedShares(paths).write(to: output, replacing: files.areReplaced)
    }
    let results = try ResultSet.merging(paths, onDamagedEnd: Self.warn)
    let experiment = try results.experiment(at: paths[0])
    try results.write(to: output, withTimes: arguments.flag("times"), replacing: files.areReplaced)
    try Console.write(
      "results   \(output): \(results.problems.count) of \(experiment.problemCount) problems\n")
    if results.problems.count < experiment.problemCount {
      Console.error(
        "sea: warning: \(experiment.problemCount - results.problems.count) problems are missing")
    }
  }

  /// Says that a line was passed over.
  static func warn(_ path: String) {
    Console.error("sea: warning: \(path): passed over the last line, which is incomplete")
  }

  private func paths() throws(FileError) -> [String] {
    let first = arguments.text("path")
    guard FileStatus.isFolder(first) else { return [first] + arguments.texts("with") }
    let shards = FileStatus.names(in: first).filter {
      $0.hasPrefix("results-") && $0.hasSuffix(".jsonl")
    }
    guard !shards.isEmpty else {
      throw .cannotRead(path: first, reason: "there is no results-….jsonl in it")
    }
    return shards.map { "\(first)/\($0)" } + arguments.texts("with")
  }
}
