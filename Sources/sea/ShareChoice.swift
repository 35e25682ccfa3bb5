import Arguments
import Experiments
import SparseRecovery

/// The share of a path that this process solves, as asked for on the command line or by the launcher of a step.
struct ShareChoice {
  /// The option that names it.
  static let option = Option(
    "shard", .text, placeholder: "i/N",
    help: "Solve one of N shares of the observations, folds and draws into a checkpoint",
    details: """
      The checkpoint of a share is called FILE-i-of-N. 'sea merge' makes one of all, from which the same command \
      with --resume goes on. In a step of a launcher with several tasks the share is that of the task; 1/1 solves all.
      """)

  /// The options of results, which a share has not.
  private static let results = [
    "output", "points", "model-output", "plot", "frequencies", "frequency-plot", "truth", "json",
  ]

  let share: PathShare
  /// What was taken from a launcher, for the first line of the output.
  let note: String?

  /// - Parameter isDivisible: whether there is anything to share out.
  /// - Throws: ``ExperimentError/invalidShard(_:)`` and ``RecoveryError/invalidOption(name:value:expected:)``.
  init(_ arguments: ParsedArguments, isDivisible: Bool) throws {
    if let text = arguments.text(ifGiven: "shard") {
      let shard = try Shard(text)
      share = PathShare(shard.index, of: shard.count)
      note = nil
      guard share == .whole || isDivisible else {
        throw RecoveryError.invalidOption(
          name: "--shard", value: text,
          expected: "several observations, --criterion cv, --bootstrap or --subsample to share out")
      }
    } else if isDivisible, let step = try LauncherStep() {
      share = PathShare(step.shard.index, of: step.shard.count)
      note = step.note
    } else {
      (share, note) = (.whole, nil)
    }
    guard share != .whole else { return }
    guard arguments.isGiven("checkpoint") else {
      throw RecoveryError.invalidOption(
        name: "--checkpoint", value: "none",
        expected: "a file for share \(share) (--shard 1/1 solves all)")
    }
    for option in Self.results
    where arguments.command.options.contains(where: { $0.name == option })
      && arguments.isGiven(option)
    {
      throw UsageError.excludedOption(
        option: "--\(option)", by: "share \(share), which has no result before 'sea merge'")
    }
  }

  /// Where the checkpoint of the share is.
  func path(_ whole: String) -> String {
    share == .whole ? whole : "\(whole)-\(share.index + 1)-of-\(share.count)"
  }

  /// What is to be done next, for a person.
  func next(_ whole: String) -> String {
    let shares = (0..<share.count).map { PathShare($0, of: share.count) }
    let names = shares.map { CommandWords.quoted("\(whole)-\($0.index + 1)-of-\($0.count)") }
    return "next      sea merge \(names[0]) "
      + names.dropFirst().map { "--with \($0) " }.joined()
      + "--output \(CommandWords.quoted(whole)), then the same command with --shard 1/1 --resume\n"
  }
}
