import Arguments
import SparseRecovery

/// What is minimised, and what is fitted beside the columns of A, as asked for on the command line.
struct ModelChoice {
  /// The options that say it.
  static let options = OptionGroup(
    "Model",
    LossChoice.options + [
      Option(
        "normalize", .negatableFlag(isOn: true),
        help: "Give every column unit norm while solving",
        details: "Coefficients are always those of the columns as given."),
      Option("intercept", .flag, help: "Fit a constant as well; it does not count as a column"),
      Option(
        "standardize", .flag,
        help: "Measure columns in standard deviations about their means; implies --intercept"),
      Option(
        "weights", .file,
        help: "Weight the loss of every row: m numbers, or a column of --table",
        details: "A file that is called like a column is named ./name."),
      ReduceCommand.frequencyWeights,
      Option(
        "ridge", .number(0...(.greatestFiniteMagnitude)), placeholder: "lambda",
        help: "Add λ‖x‖²/2 to the loss"),
      Option(
        "include", .text, placeholder: "columns",
        help: "Columns in every support, such as age,lab*,bmi:s6 or 0,4,7-9; they count as columns",
        details: """
          Names are those of the first line of A: lab* stands for all that begin with it, bmi:s6 for those \
          from one to the other. A name with a comma, or of digits, is put in double quotes.
          """),
      Option(
        "exclude", .text, placeholder: "columns", help: "Columns in no support, in the same way"),
      Option("nonnegative", .flag, help: "Allow no negative coefficient"),
      GroupChoice.option,
    ])

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  /// Whether columns are compared as if they had unit norm.
  var normalizes: Bool { arguments.flag("normalize") }

  /// The model.
  ///
  /// - Parameters:
  ///   - included: columns of A, by index.
  ///   - excluded: columns of A, by index.
  ///   - groups: of the columns, or nil.
  func model(
    weights: [Double]?, included: Set<Int>, excluded: Set<Int>, groups: GroupChoice?
  ) -> RecoveryModel {
    var model = RecoveryModel()
    model.hasIntercept = arguments.flag("intercept")
    model.isStandardized = arguments.flag("standardize")
    model.weights = weights
    model.weightsAreFrequencies = arguments.flag("frequency-weights")
    model.ridge = arguments.number(ifGiven: "ridge") ?? 0
    model.included = included
    model.excluded = excluded
    model.isNonnegative = arguments.flag("nonnegative")
    model.columnGroups = groups?.labels
    return model
  }
}
