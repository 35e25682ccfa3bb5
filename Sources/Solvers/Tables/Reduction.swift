import LeastSquares
public import SparseCore

/// When a tall table is reduced to as many rows as it has columns.
public enum TableReduction: String, Sendable, CaseIterable {
  /// Where it is tall and large enough that this pays, and no digits are lost.
  case auto
  /// Always; refused where it cannot be done.
  case on
  /// Never.
  case off
}

/// A tall problem in as many rows as it has columns, with the same losses of all supports.
///
/// R of the QR factor of W^½ [1 | A | y] has all that least squares know of the table (``TableFactor``). Behind
/// the rows that the intercept and the columns included take, what is left of R is the table under T, turned: a
/// problem without either, in at most n + 2 rows. Without an intercept the first of them is the direction of the vector of
/// ones. Ridge, signs and the columns excluded stay as they are.
///
/// One pass over A and 2 · m · (n + 2)² flops; all that follows is work on n + 2 rows.
public struct Reduction: Sendable {
  /// The problem in few rows: plain least squares, with a ridge and signs where there were. Of several
  /// observations, that of the first.
  public let problem: RecoveryProblem
  /// What ``problem`` observes, for each observation.
  public let observations: [[Double]]
  private let original: RecoveryProblem
  private let factor: ReducedFactor
  /// What ``problem`` measures each observation in, over what the table does.
  private let units: [Double]

  /// Reduces a problem, or does not where the rule says so.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where it must be reduced and cannot be, and
  ///   ``RecoveryError/lapackFailure(routine:code:)``.
  public init?(
    _ problem: RecoveryProblem, _ rule: TableReduction = .auto
  ) throws(RecoveryError) {
    try self.init([problem], rule)
  }

  /// Reduces a problem with several observations in one pass: 2 · m · (n + 1 + L)² flops for L of them.
  ///
  /// - Parameters:
  ///   - problem: the atoms; its own observation takes no part.
  ///   - observations: one or more.
  /// - Throws: what ``init(_:_:)`` and ``RecoveryProblem/observing(_:)`` throw.
  public init?(
    _ problem: RecoveryProblem, observations: [[Double]], _ rule: TableReduction = .auto
  ) throws(RecoveryError) {
    var problems: [RecoveryProblem] = []
    for y in observations { problems.append(try problem.observing(y)) }
    try self.init(problems, rule)
  }

  private init?(
    _ problems: [RecoveryProblem], _ rule: TableReduction
  ) throws(RecoveryError) {
    guard let problem = problems.first,
      try Self.isWanted(problem, rule, observations: problems.count),
      let matrix = problem.atoms.dense
    else { return nil }
    let model = problem.model
    let table = Table(
      matrix, observations: problems.map(\.observation), weights: model.weights)
    let rows =
      model.weights.map { w in w.indices.filter { w[$0] > 0 } } ?? Array(0..<problem.rows)
    let whole = try TableFactor.factors(of: table, rows: [rows])[0]
    guard
      let factor = try ReducedFactor(whole, of: table, model, totalWeight: problem.totalWeight)
    else {
      guard rule == .on else { return nil }
      throw .invalidOption(
        name: "reduce", value: "on", expected: "off where columns included depend on each other")
    }
    observations = problems.indices.map(factor.observation)
    do throws(RecoveryError) {
      let reduced = try factor.problem(
        model, normalize: problem.atoms.isNormalized, of: problem.observedRows)
      units = try zip(observations, problems).map { (y, original) throws(RecoveryError) in
        try reduced.observing(y).observationScale / original.observationScale
      }
      self.problem = reduced
    } catch {
      // Numbers near the end of the range, which the table itself has in other units.
      guard rule == .on else { return nil }
      throw error
    }
    self.factor = factor
    original = problem
  }

  /// Whether one observation of `problem` is solved on few rows, as far as its shape and its model say.
  public static func suits(_ problem: RecoveryProblem, _ rule: TableReduction) -> Bool {
    rule != .off && obstacle(problem, rule, width: problem.columns + 2) == nil
  }

  /// Whether a problem is to be reduced.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where it must be and cannot be.
  static func isWanted(
    _ problem: RecoveryProblem, _ rule: TableReduction, observations: Int = 1
  ) throws(RecoveryError) -> Bool {
    guard rule != .off else { return false }
    guard let obstacle = obstacle(problem, rule, width: problem.columns + 1 + observations) else {
      return true
    }
    guard rule == .on else { return false }
    throw .invalidOption(name: "reduce", value: "on", expected: obstacle)
  }

  /// Why a problem cannot, or under `auto` should not be reduced.
  private static func obstacle(
    _ problem: RecoveryProblem, _ rule: TableReduction, width: Int
  ) -> String? {
    let m = problem.presentRows
    guard problem.hasSquaredLoss else { return "off under another loss than least squares" }
    guard problem.atoms.dense != nil else {
      return "off for an operator that is no matrix in memory"
    }
    guard m > width else { return "off unless there are more rows than \(width)" }
    // What the intercept and the columns included take away of a column takes digits with it.
    let worst = problem.atoms.usable.reduce(1) { max($0, problem.atoms.cancellation($1)) }
    guard worst <= 0x1p20 else {
      return
        "off where the intercept and the columns included leave a part in \(Int(min(worst, 1e15)))"
    }
    guard rule == .auto else { return nil }
    let pays = m >= 8 * width && width <= 1000 && m * problem.columns >= 1 << 20
    return pays ? nil : "off"
  }

  /// How many columns the model includes, or groups of them: a sparsity of the table is one less this of ``problem``.
  public var includedCount: Int { original.atoms.requiredCount }

  /// The sparsity that is asked for in few rows, where nothing is included, for one of the table.
  ///
  /// - Throws: ``RecoveryError/sparsityOutOfRange(sparsity:columns:)`` and
  ///   ``RecoveryError/invalidOption(name:value:expected:)``, in terms of the table.
  public func sparsity(_ k: Int, atLeast least: Int = 1) throws(RecoveryError) -> Int {
    try original.requireSparsity(k, atLeast: least)
    return k - includedCount
  }

  /// A solution of ``problem`` in terms of the table.
  ///
  /// - Parameter observation: the number of what it explains.
  /// - Throws: ``RecoveryError/resultOverflow(_:)``.
  public func solution(
    _ reduced: SparseSolution, of observation: Int = 0
  ) throws(RecoveryError) -> SparseSolution {
    let (support, coefficients, intercept) = factor.fit(reduced, of: observation)
    for (j, c) in zip(support, coefficients) where !c.isFinite {
      throw .resultOverflow(.coefficient(column: j))
    }
    if let intercept, !intercept.isFinite { throw .resultOverflow(.intercept) }
    let unit = units[observation]
    var warnings = reduced.warnings.map { (warning) -> Warning in
      switch warning {
      case .sparsityReduced(let wanted, let found):
        .sparsityReduced(from: wanted + includedCount, to: found + includedCount)
      case .groupsReduced(let wanted, let found):
        .groupsReduced(from: wanted + includedCount, to: found + includedCount)
      case .dependentColumns(let rank, let sparsity):
        // Columns included that depend on each other are not reduced.
        .dependentColumns(
          rank: rank + original.atoms.required.count,
          sparsity: sparsity + original.atoms.required.count)
      default: warning
      }
    }
    let atoms = original.atoms
    if !atoms.explainedColumns.isEmpty {
      warnings.insert(.explainedColumns(atoms.explainedColumns), at: 0)
    }
    if !atoms.zeroColumns.isEmpty { warnings.insert(.zeroColumns(atoms.zeroColumns), at: 0) }
    var solution = SparseSolution(
      support: support, coefficients: coefficients,
      atomCoefficients: SparseVector(
        support: reduced.atomCoefficients.support,
        coefficients: reduced.atomCoefficients.coefficients.map { $0 * unit }),
      intercept: intercept, residualNorm: reduced.residualNorm,
      relativeResidual: reduced.relativeResidual, lossNorm: reduced.lossNorm * unit,
      iterations: reduced.iterations, bestIteration: reduced.bestIteration,
      stopReason: reduced.stopReason, supportsExplored: reduced.supportsExplored, matrixPasses: 1,
      warnings: warnings, engine: reduced.engine)
    solution.rounds = reduced.rounds
    solution.optimalityGap = reduced.optimalityGap
    solution.bestAttempt = reduced.bestAttempt
    // They read few rows, and not A.
    solution.attempts = reduced.attempts.map {
      Attempt(
        solver: $0.solver, start: $0.start, relativeResidual: $0.relativeResidual,
        iterations: $0.iterations, matrixPasses: 0, seconds: $0.seconds)
    }
    return solution
  }

  /// A path of ``problem`` in terms of the table.
  ///
  /// - Parameter observation: the number of what it explains.
  /// - Throws: ``RecoveryError/resultOverflow(_:)``.
  public func path(
    _ reduced: SolutionPath, of observation: Int = 0
  ) throws(RecoveryError) -> SolutionPath {
    var points: [SolutionPath.Point] = []
    for point in reduced.points {
      points.append(
        SolutionPath.Point(
          sparsity: point.sparsity + includedCount,
          solution: try solution(point.solution, of: observation)))
    }
    return SolutionPath(
      points: points, stopReason: reduced.stopReason, matrixPasses: 1,
      checkpoint: reduced.checkpoint)
  }

  /// What the reduction is, for a person.
  public var description: String {
    "reduced to \(problem.rows) rows, which hold all that least squares know of the \(original.presentRows)"
  }
}

/// The triangle of a table under a model: what makes the problem in few rows, and turns its solutions back.
struct ReducedFactor: Sendable {
  /// A solution in terms of the columns as given.
  typealias Fit = (support: [Int], coefficients: [Double], intercept: Double?)

  /// The required columns of [1 | A], ones unless they are among these, the other columns of A, then Y: triangular.
  private let triangle: TableFactor
  /// What each column of the triangle is measured in.
  private let units: [Double]
  /// How many columns every fit contains: the intercept, and those included.
  private let requiredCount: Int
  private let hasIntercept: Bool
  /// Whether something of the vector of ones is left beside the required columns: the row behind theirs.
  private let keepsConstant: Bool
  private let included: [Int]
  /// The other columns of A, in the order of the triangle.
  private let others: [Int]
  /// The columns that may be selected.
  private let candidates: Set<Int>
  /// What the coefficient of a column is measured in for the ridge: its standard deviation, or one.
  private let deviations: [Double]
  private let columns: Int

  /// Nil where digits would be lost: where columns included depend on each other, or leave almost nothing of a
  /// column.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  init?(
    _ whole: TableFactor, of table: Table, _ model: RecoveryModel, totalWeight: Double
  ) throws(RecoveryError) {
    let n = table.columns
    let included = model.included.sorted()
    let others = (0..<n).filter { !model.included.contains($0) }
    let required = included.map { $0 + 1 }
    let order =
      (model.fitsIntercept ? [0] + required : required + [0]) + others.map { $0 + 1 }
      + (n + 1..<table.width)
    // The rows of the triangle are in order where no column is included.
    let triangle = try whole.selecting(order)
    let q = included.count + (model.fitsIntercept ? 1 : 0)
    let firstOther = included.count + 1
    /// ‖R_ij‖ over the rows from `first` on.
    func norm(_ j: Int, from first: Int) -> Double {
      (first..<triangle.width).map { triangle[$0, j] }.norm
    }
    for p in 0..<q where abs(triangle[p, p]) <= Self.leastPart * norm(p, from: 0) { return nil }
    var candidates: Set<Int> = []
    for (place, j) in others.enumerated() where !model.excluded.contains(j) {
      let (left, all) = (norm(firstOther + place, from: q), norm(firstOther + place, from: 0))
      guard left > Self.rounding * all else { continue }
      guard left > Self.leastPart * all else { return nil }
      candidates.insert(j)
    }
    guard !candidates.isEmpty else { return nil }
    let units = order.map { table.units[$0] * table.weightUnit }
    var deviations = [Double](repeating: 1, count: n)
    if model.isStandardized, model.ridge > 0 {
      for (place, j) in others.enumerated() where candidates.contains(j) {
        deviations[j] =
          norm(firstOther + place, from: 1) * units[firstOther + place] / totalWeight.squareRoot()
      }
    }
    self.triangle = triangle
    self.units = units
    requiredCount = q
    hasIntercept = model.fitsIntercept
    keepsConstant = !hasIntercept && abs(triangle[q, q]) > Self.rounding * norm(q, from: 0)
    self.included = included
    self.others = others
    self.candidates = candidates
    self.deviations = deviations
    columns = n
  }

  /// The least part of a column that may be left without losing digits that count.
  private static var leastPart: Double { 0x1p-20 }
  /// What rounding leaves of a column of which nothing is left, at most.
  private static var rounding: Double { 0x1p-44 }

  /// The place of the first of the other columns of A: ones are before them, required or not.
  private var firstOther: Int { included.count + 1 }

  /// The table under T, in few rows.
  ///
  /// - Parameter observedRows: those that it had.
  /// - Throws: what ``RecoveryProblem`` throws.
  func problem(
    _ model: RecoveryModel, normalize: Bool, of observedRows: ObservedRows
  ) throws(RecoveryError) -> RecoveryProblem {
    let rows = triangle.width - requiredCount
    var entries = [Double](repeating: 0, count: rows * columns)
    for (place, j) in others.enumerated() where candidates.contains(j) {
      entries.replaceSubrange(
        rows * j..<rows * (j + 1), with: part(firstOther + place, over: deviations[j]))
    }
    var plain = RecoveryModel()
    plain.rotation = RowRotation(of: observedRows, startsWithConstant: keepsConstant)
    plain.ridge = model.ridge
    plain.isNonnegative = model.isNonnegative
    plain.columnGroups = model.columnGroups
    plain.selection = model.selection
    plain.excluded = Set(0..<columns).subtracting(candidates)
    return try RecoveryProblem(
      matrix: .double(Matrix(rows: rows, columns: columns, columnMajor: entries)),
      observation: observation(0), normalize: normalize || model.isStandardized,
      model: plain)
  }

  /// What it observes, by number.
  func observation(_ number: Int) -> [Double] {
    part(firstOther + others.count + number, over: 1)
  }

  /// A column of the triangle below the rows that the required columns take.
  private func part(_ place: Int, over length: Double) -> [Double] {
    (requiredCount..<triangle.width).map { triangle[$0, place] * units[place] / length }
  }

  /// The coefficients of the columns as given, those included and the intercept among them.
  func fit(_ reduced: SparseSolution, of observation: Int = 0) -> Fit {
    let places = Dictionary(uniqueKeysWithValues: zip(others, others.indices))
    var chosen = zip(reduced.support, reduced.coefficients).map { j, c in
      (column: j, coefficient: c / deviations[j])
    }
    // R₁₁ c = r₁ − R₁₂ x, from the last row up.
    let y = firstOther + others.count + observation
    var required = (0..<requiredCount).map { i in
      chosen.reduce(triangle[i, y] * units[y]) { rest, entry in
        let place = firstOther + (places[entry.column] ?? 0)
        return rest - triangle[i, place] * units[place] * entry.coefficient
      }
    }
    for i in required.indices.reversed() {
      for p in i + 1..<requiredCount { required[i] -= triangle[i, p] * units[p] * required[p] }
      required[i] /= triangle[i, i] * units[i]
    }
    let intercept = hasIntercept ? required.removeFirst() : nil
    chosen += zip(included, required).map { (column: $0, coefficient: $1) }
    chosen.sort { $0.column < $1.column }
    return (chosen.map(\.column), chosen.map(\.coefficient), intercept)
  }
}
