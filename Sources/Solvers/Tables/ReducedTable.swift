import Glibc
import LeastSquares
public import SparseCore

/// A tall table [1 | A | Y] taken in panel after panel, in as little memory as a table of N rows, N = n + 1 + L.
///
/// It keeps R of W^½ [1 | A | Y] = Q R (``TableFactor``). A reflection H turns the first column of R, which is that of the
/// intercept, into equal numbers: the rows of H R are those of an ordinary table with one weight for all, and
///
///     (H R)ᵀ (H R) = [1 | A | Y]ᵀ W [1 | A | Y].
///
/// So with any model, an intercept or none, a support has the same loss and the same coefficients on these N
/// rows as on all; the sum of the weights is the same as well. What depends on single rows is lost: other weights, draws of
/// rows, and folds, unless each fold is a table of its own.
public struct ReducedTable: Sendable {
  /// n, the columns of A.
  public let columns: Int
  /// L, how many observations there are.
  public let observations: Int
  /// How many rows of positive weight were taken in.
  public private(set) var rows = 0
  /// Σ wᵢ over these.
  public private(set) var totalWeight = 0.0

  /// R with column j in units of 2^`exponents[j]`, once there is a row.
  private var factor: TableFactor?
  private var exponents: [Int]

  /// A table in few rows, which all count alike.
  public struct Contents: Sendable {
    /// N × n.
    public let matrix: DenseMatrix
    /// N numbers for each observation.
    public let observations: [[Double]]
    /// The weight of every row.
    public let weight: Double
  }

  /// A table without rows.
  public init(columns: Int, observations: Int = 1) {
    precondition(columns > 0 && observations > 0, "one column and one observation at least")
    self.columns = columns
    self.observations = observations
    exponents = Array(repeating: 0, count: columns + 1 + observations)
  }

  /// N, the rows of ``contents()``.
  public var width: Int { exponents.count }

  /// Takes rows in: 2 · m · N² flops and two passes over A, on the calling thread.
  ///
  /// - Parameters:
  ///   - matrix: m × n.
  ///   - observations: L of them, with m numbers each.
  ///   - weights: at least 0, one for each row; nil for ones. Rows of weight 0 may hold anything in Y, and finite numbers
  ///     in A.
  ///   - rows: which to take, each once; all unless given.
  /// - Throws: ``RecoveryError/observationLength(expected:found:)``, ``RecoveryError/weightsLength(expected:found:)``,
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` for another number of columns or observations and for
  ///   weights that are none, ``RecoveryError/nonFiniteMatrix(row:column:value:)`` and
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``.
  public mutating func add(
    _ matrix: DenseMatrix, observations ys: [[Double]], weights: [Double]? = nil,
    rows chosen: [Int]? = nil
  ) throws(RecoveryError) {
    guard matrix.columns == columns, ys.count == observations else {
      throw Self.otherShape(matrix.columns, ys.count, expected: self)
    }
    for y in ys where y.count != matrix.rows {
      throw .observationLength(expected: matrix.rows, found: y.count)
    }
    if let weights { try RecoveryModel.validate(weights: weights, rows: matrix.rows) }
    let present = (chosen ?? Array(0..<matrix.rows)).filter { weights?[$0] ?? 1 > 0 }
    let total = totalWeight + present.reduce(0) { $0 + (weights?[$1] ?? 1) }
    guard total.isFinite else { throw RecoveryModel.weightOverflow }
    guard !present.isEmpty else { return }
    let table = Table(matrix, observations: ys, weights: weights)
    let added = try TableFactor.factors(of: table, rows: [present], threads: 1)[0]
    guard added.triangle.allSatisfy(\.isFinite) else { throw Self.fault(matrix, ys, present) }
    let weightExponent = Int(table.weightUnit.exponent)
    try merge(added, table.units.map { Int($0.exponent) + weightExponent })
    rows += present.count
    totalWeight = total
  }

  /// Takes in all rows of another: 2 · N³ flops.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for another number of columns or observations and for
  ///   weights whose sum overflows, and ``RecoveryError/lapackFailure(routine:code:)``.
  public mutating func add(_ other: ReducedTable) throws(RecoveryError) {
    guard other.columns == columns, other.observations == observations else {
      throw Self.otherShape(other.columns, other.observations, expected: self)
    }
    guard let added = other.factor else { return }
    guard (totalWeight + other.totalWeight).isFinite else { throw RecoveryModel.weightOverflow }
    try merge(added, other.exponents)
    rows += other.rows
    totalWeight += other.totalWeight
  }

  private mutating func merge(
    _ added: TableFactor, _ others: [Int]
  ) throws(RecoveryError) {
    guard let factor else {
      (factor, exponents) = (added, others)
      return
    }
    // A column of zeros has no unit.
    let shared = exponents.indices.map { j in
      factor.isZero(j) ? others[j] : added.isZero(j) ? exponents[j] : max(exponents[j], others[j])
    }
    self.factor = try TableFactor(
      combining: [
        factor.scaled(by: zip(exponents, shared).map { $0 - $1 }),
        added.scaled(by: zip(others, shared).map { $0 - $1 }),
      ], width: width)
    exponents = shared
  }

  /// The N rows: 4 · N² flops.
  ///
  /// - Throws: ``RecoveryError/resultOverflow(_:)`` where a number of them is beyond the range of doubles, and
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` where there is no row.
  public func contents() throws(RecoveryError) -> Contents {
    guard let factor else {
      throw .invalidOption(name: "rows", value: "none", expected: "one of positive weight at least")
    }
    let n = width
    // H = I − 2 v vᵀ / vᵀv with v = e₀ + u turns e₀ into −u, for u = (1, …, 1) / √N.
    let u = 1 / Double(n).squareRoot()
    let first = factor[0, 0]
    // vᵀv = 2 + 2 u. Entries are divided by that of the first column, −u · first, which becomes 1.
    func column(_ j: Int) -> [Double] {
      let r = (0...j).map { factor[$0, j] }
      let part = (r[0] + u * r.reduce(0, +)) / (1 + u)
      let exponent = exponents[j] - exponents[0]
      return (0..<n).map { i in
        let reflected = (i < r.count ? r[i] : 0) - part * (i == 0 ? 1 + u : u)
        return scalbn(reflected / (-u * first), exponent)
      }
    }
    var entries: [Double] = []
    entries.reserveCapacity(n * columns)
    for j in 1...columns { entries += column(j) }
    let ys = (columns + 1..<n).map(column)
    let weight = scalbn(first * first * u * u, 2 * exponents[0])
    guard entries.allSatisfy(\.isFinite), ys.allSatisfy({ $0.allSatisfy(\.isFinite) }),
      weight.isFinite, weight > 0
    else { throw .resultOverflow(.leastSquares) }
    return Contents(
      matrix: .double(try Matrix(rows: n, columns: columns, columnMajor: entries)),
      observations: ys, weight: weight)
  }

  /// The first number that is none.
  private static func fault(
    _ matrix: DenseMatrix, _ ys: [[Double]], _ rows: [Int]
  ) -> RecoveryError {
    for j in 0..<matrix.columns {
      for i in rows where !matrix[i, j].isFinite {
        return .nonFiniteMatrix(row: i, column: j, value: matrix[i, j])
      }
    }
    for y in ys {
      if let i = rows.first(where: { !y[$0].isFinite }) {
        return .nonFiniteObservation(index: i, value: y[i])
      }
    }
    return .resultOverflow(.leastSquares)
  }

  private static func otherShape(
    _ columns: Int, _ observations: Int, expected: ReducedTable
  ) -> RecoveryError {
    .invalidOption(
      name: "table", value: "\(columns) columns and \(observations) observations",
      expected: "\(expected.columns) and \(expected.observations), as before")
  }
}

extension TableFactor {
  /// Whether a column holds nothing but zeros.
  fileprivate func isZero(_ j: Int) -> Bool { (0...j).allSatisfy { self[$0, j] == 0 } }
}
