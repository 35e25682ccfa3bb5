import Arguments
import SparseRecovery

/// The random parts of the rows on which a path is solved again, as asked for on the command line.
struct ResamplingChoice {
  /// The options that say it.
  static let options = OptionGroup(
    "Resampling",
    [
      Option(
        "bootstrap", .integer(1...1_000_000), placeholder: "draws",
        help:
          "Solve the path on so many draws of m rows with replacement, and say how often columns are chosen",
        details: """
          Rows that were not drawn give the error held out. --seed names the draws, so that more of them begin with \
          the same ones.
          """),
      Option(
        "subsample", .integer(1...1_000_000), placeholder: "pairs",
        help: "The same on so many pairs of halves of the rows without a row in common",
        details:
          "Each half is judged by the other one (complementary pairs: Shah and Samworth 2013)."),
      Option(
        "frequencies", .file,
        help: "Write how often each column is chosen at each sparsity to this .csv file"),
      Option(
        "frequency-plot", .file, placeholder: "file|terminal",
        help: "Draw that for the sparsity chosen into this .svg or .png file, or in the terminal"),
    ])

  /// What is drawn; how the path is solved is not said.
  let draws: Resampling

  /// Nil unless it is asked for.
  ///
  /// - Throws: ``UsageError`` for both ways at once.
  init?(_ arguments: ParsedArguments) throws(UsageError) {
    let given = Resampling.Scheme.allCases.filter { arguments.isGiven($0.rawValue) }
    guard let scheme = given.first else { return nil }
    guard given.count == 1 else {
      throw .excludedOption(option: "--subsample", by: "--bootstrap")
    }
    draws = Resampling(
      scheme, draws: arguments.int(scheme.rawValue), seed: arguments.natural("seed"))
  }
}
