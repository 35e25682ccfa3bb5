public import SparseCore

/// The sparsity that was chosen from a range, and what one should know before trusting it.
public struct SparsityChoice: Sendable, Equatable {
  /// Something about a choice that the numbers compared do not say.
  public enum Notice: Sendable, Equatable, CustomStringConvertible {
    /// The choice is the largest sparsity that was solved: a larger one might have been chosen.
    case largestOfRange(Int)
    /// The choice is the smallest sparsity that was solved: a smaller one might have been chosen.
    case smallestOfRange(Int)
    /// The columns chosen, and the intercept, leave fewer than a tenth of the rows to tell noise from.
    /// Criteria with a term m · log(RSS / m) fall without bound there, since RSS tends to zero. Up to
    /// half of the rows the choice would be `within`, where a sparsity so small was solved.
    case saturated(sparsity: Int, rows: Int, within: Int?)
    /// The criterion is smallest at a sparsity whose fit has no minimum (``Warning/unboundedFit(loss:)``): columns enough
    /// take the loss of labels to zero, whatever they are. The `choice` is the best of the others, or the same where no
    /// fit with a column chosen has a minimum.
    case unbounded(sparsity: Int, choice: Int)
    /// No sparsity up to the largest solved leaves so small a relative residual.
    case unreached(target: Double, largest: Int)
    /// Cross-validation was ended before it could choose: the largest sparsity is taken.
    case unfinished

    /// One line for a person.
    public var description: String {
      switch self {
      case .largestOfRange(let k):
        "the choice is the largest k solved, \(k): where more are solved it may be larger"
      case .smallestOfRange(let k):
        "the choice is the smallest k solved, \(k): a range from "
          + (k == 1 ? "0, no column at all," : "below") + " may choose fewer"
      case .saturated(let k, let rows, let within):
        "with k = \(k) hardly any of the \(rows) rows is left to tell noise from, and the criterion "
          + "falls without bound: choose by cross-validation"
          + (within.map { ", or take k = \($0), the best up to half of the rows" } ?? "")
      case .unbounded(let k, let choice):
        choice == k
          ? "no fit with a column chosen has a minimum, that of the k chosen, \(k), included: take a ridge, which gives "
            + "all of them one, or choose by cross-validation"
          : "the criterion is smallest at k = \(k), where the fit has no minimum and coefficients grow without bound: "
            + "k = \(choice) is the best of those that have one; take a ridge, which gives all of them one, or choose by "
            + "cross-validation"
      case .unreached(let target, let largest):
        "no sparsity up to \(largest) leaves a relative residual of \(target)"
      case .unfinished: "cross-validation did not end: the largest sparsity is chosen"
      }
    }
  }

  /// k.
  public let sparsity: Int
  /// What was compared, for every sparsity solved; empty where nothing was.
  public let values: [Double]
  /// The standard error of each value, where it is a mean.
  public let standardErrors: [Double]?
  /// What one should know.
  public let notices: [Notice]

  /// Of the whole range where nothing chooses: its largest sparsity.
  public init(largestOf path: SolutionPath, _ notices: Notice...) {
    self.init(path.largest, [], nil, notices)
  }

  /// Of the whole range of a joint path where nothing chooses.
  public init(largestOf path: JointPath, _ notices: Notice...) {
    self.init(path.largest, [], nil, notices)
  }

  init(
    _ sparsity: Int, _ values: [Double], _ standardErrors: [Double]?, _ notices: [Notice]
  ) {
    self.sparsity = sparsity
    self.values = values
    self.standardErrors = standardErrors
    self.notices = notices
  }

  /// What the ends of a range have to say about a choice from it.
  ///
  /// - Parameters:
  ///   - least: the smallest sparsity that could have been asked for.
  ///   - most: the largest sparsity that could have been asked for.
  static func notices(
    on choice: Int, of sparsities: [Int], least: Int, most: Int
  ) -> [Notice] {
    guard let first = sparsities.first, let last = sparsities.last else { return [] }
    var notices: [Notice] = []
    if choice == last, last < most { notices.append(.largestOfRange(last)) }
    if choice == first, first > least { notices.append(.smallestOfRange(first)) }
    return notices
  }
}

extension SolutionPath {
  /// The largest sparsity solved.
  var largest: Int { points[points.count - 1].sparsity }

  /// What an information criterion chooses: the smallest value, the first of those that tie, among the fits that have a
  /// minimum.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``.
  public func choice(
    by criterion: InformationCriterion, for problem: RecoveryProblem
  ) throws(RecoveryError) -> SparsityChoice {
    SparsityChoice(
      smallestOf: try values(of: criterion, for: problem),
      points.map { ($0.sparsity, $0.solution.support.count, $0.solution.hasMinimum) },
      for: problem)
  }

  /// The first sparsity whose relative residual is at most `target`, or the largest where none is.
  public func choice(reaching target: Double, for problem: RecoveryProblem) -> SparsityChoice {
    SparsityChoice(
      first: first(reaching: target)?.sparsity, reaching: target,
      of: points.map(\.sparsity), for: problem)
  }
}

extension SparsityChoice {
  /// The smallest value of an information criterion, the first of those that tie, among the fits that have a minimum. Of
  /// all where none with a column chosen has one: labels that a single column separates are no reason to choose none.
  ///
  /// - Parameter points: for every value the sparsity, the number of columns selected, and whether the fit has a minimum.
  init(
    smallestOf values: [Double], _ points: [(sparsity: Int, columns: Int, hasMinimum: Bool)],
    for problem: RecoveryProblem
  ) {
    func best(_ places: some Sequence<Int>) -> Int? { places.min { values[$0] < values[$1] } }
    let smallest = best(values.indices) ?? 0
    let bounded = points.indices.filter { points[$0].hasMinimum }
    let isAnyChosen = bounded.contains { points[$0].columns > problem.atoms.required.count }
    let place = isAnyChosen ? best(bounded) ?? smallest : smallest
    let chosen = points[place].sparsity
    let intercept = problem.model.fitsIntercept ? 1 : 0
    let rows = problem.sampleSize
    var notices = Self.notices(
      on: chosen, of: points.map(\.sparsity), least: problem.atoms.requiredCount,
      most: problem.largestSparsity)
    if !points[smallest].hasMinimum {
      notices.append(.unbounded(sparsity: points[smallest].sparsity, choice: chosen))
    }
    if 10 * (rows - points[place].columns - intercept) < rows, chosen > 1 {
      let within = best(points.indices.filter { 2 * (points[$0].columns + intercept) <= rows })
      notices.append(
        .saturated(sparsity: chosen, rows: rows, within: within.map { points[$0].sparsity }))
    }
    self.init(chosen, values, nil, notices)
  }

  /// The first sparsity that reaches a residual, or the largest where none does.
  init(first: Int?, reaching target: Double, of sparsities: [Int], for problem: RecoveryProblem) {
    let largest = sparsities[sparsities.count - 1]
    guard let first else {
      self.init(largest, [], nil, [.unreached(target: target, largest: largest)])
      return
    }
    let isFirst = first == sparsities[0]
    let isLeast = first <= problem.atoms.requiredCount
    self.init(first, [], nil, isFirst && !isLeast ? [.smallestOfRange(first)] : [])
  }
}

extension CrossValidationErrors {
  /// What cross-validation chooses: the sparsity of the smallest mean, or the smallest within one
  /// standard error of it.
  public func choice(
    withinOneStandardError isCautious: Bool = false, for problem: RecoveryProblem
  ) -> SparsityChoice {
    let chosen = isCautious ? oneStandardError : minimum
    return SparsityChoice(
      chosen, means, standardErrors,
      SparsityChoice.notices(
        on: chosen, of: sparsities, least: problem.atoms.requiredCount,
        most: problem.largestSparsity))
  }
}

extension SparseSolution {
  /// Whether the loss has a minimum on the support.
  var hasMinimum: Bool {
    !warnings.contains { if case .unboundedFit = $0 { true } else { false } }
  }
}

extension RecoveryProblem {
  /// The largest sparsity of use: beyond it there is nothing more to select.
  fileprivate var largestSparsity: Int { atoms.usableGroups + atoms.requiredCount }
}
