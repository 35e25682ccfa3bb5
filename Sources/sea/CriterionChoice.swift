import Arguments
import SparseRecovery

/// What chooses a sparsity, as asked for on the command line: one criterion, or several of which the first one has
/// its choice written.
struct CriterionChoice {
  /// The options that say it.
  static let options: [Option] = [
    Option(
      "criterion", letter: "c", .choices(of: SparsityCriterion.Name.self), placeholder: "names",
      help: "What chooses the sparsity; ebic unless given, cv with --loss huber",
      details: """
        aic, bic, ebic and gic add a price for every column to m log(RSS / m), or to the deviance; cv is \
        cross-validation; none chooses the largest. Of several, such as ebic,cv, each one's choice is said, and \
        that of the first is written to files.
        """),
    Option(
      "gamma", .number(0...1), placeholder: "gamma", default: "1",
      help: "The weight of the number of supports in ebic; 0 is bic"),
    Option(
      "one-standard-error", .flag,
      help: "Choose the smallest k whose error is within a standard error of the smallest"),
    Option(
      "target-residual", letter: "r", .number(0...1), placeholder: "ratio",
      help: "End the path at the first k with this ‖Ax − y‖ / ‖y‖, and choose it"),
  ]

  /// The criteria by name, at least one.
  let names: [SparsityCriterion.Name]
  private let arguments: ParsedArguments
  private let target: Double?

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a criterion beside a target, or twice.
  init(_ arguments: ParsedArguments) throws(RecoveryError) {
    self.arguments = arguments
    target = arguments.number(ifGiven: "target-residual")
    let given = Self.names(arguments)
    let loss = LossChoice(arguments).name
    if loss == .huber, let name = given.first(where: { ![.cv, .largest].contains($0) }) {
      throw .invalidOption(
        name: "--criterion", value: name.rawValue,
        expected: "cv or none with --loss huber, which is no likelihood")
    }
    names = given.isEmpty ? [target == nil ? .ebic : .largest] : given
    if target != nil, names != [.largest] {
      throw .invalidOption(
        name: "--criterion", value: names.map(\.rawValue).joined(separator: ","),
        expected: "none with --target-residual")
    }
    if let name = Set(names).first(where: { name in names.count { $0 == name } > 1 }) {
      throw .invalidOption(
        name: "--criterion", value: names.map(\.rawValue).joined(separator: ","),
        expected: "\(name.rawValue) once")
    }
  }

  /// The criteria that were named; none where that is left to the default, but for a loss that has no likelihood.
  static func names(_ arguments: ParsedArguments) -> [SparsityCriterion.Name] {
    let names = (arguments.text(ifGiven: "criterion") ?? "").split(separator: ",").compactMap {
      SparsityCriterion.Name(rawValue: String($0))
    }
    let isRobust = LossChoice(arguments).name == .huber && !arguments.isGiven("target-residual")
    return names.isEmpty && isRobust ? [.cv] : names
  }

  /// The criteria, with their parameters.
  func criteria(_ folds: FoldPlan) -> [SparsityCriterion] {
    if let target { return [.residual(target)] }
    return names.map {
      SparsityCriterion(
        $0, γ: arguments.number("gamma"), folds: folds,
        withinOneStandardError: arguments.flag("one-standard-error"))
    }
  }
}
