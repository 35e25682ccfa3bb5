import Arguments
import SparseRecovery

/// What is fitted beside the plain least squares, as asked for on the command line.
struct ModelChoice {
  /// The options that say it.
  static let options = OptionGroup(
    "Model",
    [
      Option(
        "normalize", .negatableFlag(isOn: true),
        help: "Give every column unit norm while solving",
        details: "Coefficients are always those of the columns as given."),
      Option("intercept", .flag, help: "Fit a constant as well; it does not count as a column"),
      Option(
        "standardize", .flag,
        help: "Measure columns in standard deviations about their means; implies --intercept"),
      Option("weights", .file, help: "Weight the squared residual of every row: m numbers"),
      Option(
        "ridge", .number(0...(.greatestFiniteMagnitude)), placeholder: "lambda",
        help: "Add λ‖x‖²/2 to the loss"),
      Option(
        "include", .text, placeholder: "columns",
        help: "Columns in every support, such as 0,4,7-9; they count as columns"),
      Option("exclude", .text, placeholder: "columns", help: "Columns in no support"),
      Option("nonnegative", .flag, help: "Allow no negative coefficient"),
    ])

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  /// Whether columns are compared as if they had unit norm.
  var normalizes: Bool { arguments.flag("normalize") }

  /// The model, with the weights read from their file by `files`.
  func model(_ files: InputFiles) throws -> RecoveryModel {
    var model = RecoveryModel()
    model.hasIntercept = arguments.flag("intercept")
    model.isStandardized = arguments.flag("standardize")
    model.weights = try arguments.text(ifGiven: "weights").map { try files.vector($0) }
    model.ridge = arguments.number(ifGiven: "ridge") ?? 0
    model.included = try columns("include")
    model.excluded = try columns("exclude")
    model.isNonnegative = arguments.flag("nonnegative")
    return model
  }

  /// The columns that a list such as `0,4,7-9` names.
  func columns(_ option: String) throws(RecoveryError) -> Set<Int> {
    guard let text = arguments.text(ifGiven: option) else { return [] }
    var columns: Set<Int> = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let bounds = item.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2,
        first >= 0, first <= last, last - first < 1 << 24
      else {
        throw .invalidOption(
          name: "--\(option)", value: text, expected: "columns such as 0,4,7-9")
      }
      columns.formUnion(first...last)
    }
    return columns
  }
}
