/// What is fitted beside the plain least squares ½‖Ax − y‖₂² over supports.
public struct RecoveryModel: Sendable, Equatable {
  /// Whether a constant is added to Ax: columns and observation are then compared after their
  /// weighted means are taken off.
  public var hasIntercept = false
  /// Whether columns are measured in standard deviations about their means, which makes a ridge
  /// fair to all of them. Implies an intercept.
  public var isStandardized = false
  /// One weight for each row, at least 0 and not all 0: the loss is ½Σ wᵢ (Ax − y)ᵢ². A row of
  /// weight 0 is as if it were not there: what A and y hold in it, NaN included, is not looked at. Nil
  /// for ones.
  public var weights: [Double]?
  /// Whether a row of weight w stands for w rows, as in a table of which equal rows were counted, or one that was reduced.
  /// Least squares are the same; information criteria then count Σ wᵢ rows.
  public var weightsAreFrequencies = false
  /// What the rows are where a rotation made them of those observed; else nil.
  package var rotation: RowRotation?
  /// λ ≥ 0 of a term ½λ‖x‖₂² that is added to the loss; of the standardised coefficients where
  /// columns are standardised. Neither the intercept nor the columns included are in it.
  public var ridge = 0.0
  /// Columns that are in every support. They count towards the sparsity, and other columns are
  /// compared by what they explain beside these.
  public var included: Set<Int> = []
  /// Columns that are in no support.
  public var excluded: Set<Int> = []
  /// Whether coefficients must not be negative.
  public var isNonnegative = false
  /// The group of every column, in any numbers, or nil where each column stands for itself. A support has all columns of a
  /// group or none, and the sparsity counts groups: block sparsity (Eldar, Kuppinger and Bölcskei 2010,
  /// doi:10.1109/TSP.2010.2044837). Columns that are excluded, zero or explained are left out of their groups.
  public var columnGroups: [Int]?
  /// What is selected of the complex matrix whose real form this model is for; nil where columns are real.
  package var selection: ComplexSelection?

  /// Whether a constant takes part.
  package var fitsIntercept: Bool { hasIntercept || isStandardized }

  /// Refuses a ridge and signs on behalf of a solver whose steps do not know them.
  ///
  /// - Throws: ``RecoveryError/unsupportedModel(solver:option:)``.
  package func requirePlain(for solver: String) throws(RecoveryError) {
    if ridge > 0 { throw .unsupportedModel(solver: solver, option: "a ridge") }
    if isNonnegative {
      throw .unsupportedModel(solver: solver, option: "nonnegative coefficients")
    }
  }

  /// The rows of weight 0, in ascending order.
  var absentRows: [Int] { weights.map { w in w.indices.filter { w[$0] == 0 } } ?? [] }

  /// Whether the gradient is Aᵀr outside a support and zero on it.
  package var isPlain: Bool { ridge == 0 && !isNonnegative }

  /// Least squares and nothing else.
  public init() {}

  /// Checks every option against a matrix of `rows` × `columns`.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` or
  ///   ``RecoveryError/weightsLength(expected:found:)``.
  func validate(rows: Int, columns: Int) throws(RecoveryError) {
    if let weights {
      try Self.validate(weights: weights, rows: rows)
      guard weights.contains(where: { $0 > 0 }) else {
        throw .invalidOption(name: "weights", value: "zeros only", expected: "one above 0")
      }
    }
    guard weights != nil || !weightsAreFrequencies else {
      throw .invalidOption(name: "frequency-weights", value: "on", expected: "off without weights")
    }
    if let weights, weightsAreFrequencies {
      let sum = weights.reduce(0, +)
      guard sum.rounded() >= 1 else {
        throw .invalidOption(
          name: "frequency-weights", value: "weights that add up to \(sum)",
          expected: "at least one row in all")
      }
    }
    guard !isNonnegative || included.isEmpty else {
      throw .invalidOption(
        name: "include", value: included.sorted().map(String.init).joined(separator: ", "),
        expected: "no columns together with nonnegative coefficients")
    }
    guard ridge >= 0, ridge.isFinite else {
      throw .invalidOption(
        name: "ridge", value: "\(ridge)", expected: "a finite number of at least 0")
    }
    for (name, list) in [("include", included), ("exclude", excluded)] {
      if let j = list.sorted().first(where: { $0 < 0 || $0 >= columns }) {
        throw .invalidOption(
          name: name, value: "column \(j)", expected: "columns from 0 to \(columns - 1)")
      }
    }
    if let j = included.intersection(excluded).min() {
      throw .invalidOption(
        name: "include", value: "column \(j)", expected: "columns that are not excluded as well")
    }
    if let columnGroups { try validate(columnGroups, columns: columns) }
  }

  private func validate(_ groups: [Int], columns: Int) throws(RecoveryError) {
    guard groups.count == columns else {
      throw .invalidOption(
        name: "column-groups", value: "\(groups.count) groups",
        expected: "\(columns), one for each column")
    }
    guard !isNonnegative else {
      throw .invalidOption(
        name: "column-groups", value: "groups",
        expected: "none together with nonnegative coefficients")
    }
    if let j = columnLacking {
      throw .invalidOption(
        name: "include", value: "a part of a group",
        expected: "whole groups, and so column \(j) as well")
    }
  }

  /// The first column that the groups of the columns included lack, columns excluded left out; nil where all are whole.
  package var columnLacking: Int? {
    guard let columnGroups else { return nil }
    let inside = Set(included.map { columnGroups[$0] })
    return columnGroups.indices.first {
      inside.contains(columnGroups[$0]) && !included.contains($0) && !excluded.contains($0)
    }
  }

  /// How much of the sparsity the columns included take: their number, or that of their groups.
  var requiredCount: Int {
    guard let columnGroups else { return included.count }
    return Set(included.map { columnGroups[$0] }).count
  }

  /// Checks weights of `rows` rows one by one, and their sum; all may be 0.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` or
  ///   ``RecoveryError/weightsLength(expected:found:)``.
  package static func validate(weights: [Double], rows: Int) throws(RecoveryError) {
    guard weights.count == rows else {
      throw .weightsLength(expected: rows, found: weights.count)
    }
    if let i = weights.firstIndex(where: { !($0 >= 0) || !$0.isFinite }) {
      throw .invalidOption(
        name: "weights", value: "\(weights[i]) at index \(i)",
        expected: "finite numbers of at least 0")
    }
    guard weights.reduce(0, +).isFinite else { throw weightOverflow }
  }

  /// The error of weights that add up to more than the largest double.
  package static var weightOverflow: RecoveryError {
    .invalidOption(
      name: "weights", value: "a sum beyond the largest double",
      expected: "a finite sum: divide all weights, and a ridge, by one number")
  }
}
