import CLAPACKE
import Dispatch
import Glibc
package import SparseCore
import Synchronization

/// A table [1 | A | Y] with weighted rows, in units near one: what a ``TableFactor`` is made of.
package struct Table: Sendable {
  private let matrix: DenseMatrix
  private let observations: [[Double]]
  /// W^½ over ``weightUnit``, or nil for ones.
  private let rootWeights: [Double]?
  /// A power of two near the largest number of each column of [1 | A | Y]: dividing by it rounds nothing, so
  /// that no product overflows.
  package let units: [Double]
  /// A power of two near the largest of W^½.
  package let weightUnit: Double

  /// The rows of weight 0 may hold anything in Y, and finite numbers in `matrix`.
  ///
  /// One pass over A for the units.
  package init(_ matrix: DenseMatrix, observations: [[Double]], weights: [Double]?) {
    self.matrix = matrix
    let roots = weights?.map { $0.squareRoot() }
    weightUnit = Self.unit(roots ?? [1])
    let scale = 1 / weightUnit
    rootWeights = roots?.map { $0 * scale }
    self.observations =
      roots.map { roots in
        observations.map { y in zip(y, roots).map { $1 == 0 ? 0 : $0 } }
      } ?? observations
    units =
      [1] + (0..<matrix.columns).map { Self.unit(matrix.magnitude(ofColumn: $0)) }
      + self.observations.map(Self.unit)
  }

  /// N, the columns of [1 | A | Y].
  package var width: Int { columns + 1 + observations.count }
  /// n, the columns of A.
  package var columns: Int { matrix.columns }

  private static func unit(_ numbers: [Double]) -> Double {
    unit(numbers.reduce(0) { max($0, abs($1)) })
  }

  private static func unit(_ largest: Double) -> Double {
    largest > 0
      ? Double(sign: .plus, exponent: max(min(largest.exponent, 1000), -1000), significand: 1) : 1
  }

  /// Writes rows, column after column.
  fileprivate func copy(_ rows: ArraySlice<Int>, to panel: UnsafeMutablePointer<Double>) {
    func copy(_ j: Int, _ entry: (Int) -> Double) {
      let target = panel + j * rows.count
      let scale = 1 / units[j]
      if let rootWeights {
        for (p, i) in rows.enumerated() { target[p] = entry(i) * scale * rootWeights[i] }
      } else {
        for (p, i) in rows.enumerated() { target[p] = entry(i) * scale }
      }
    }
    copy(0) { _ in 1 }
    for j in 0..<matrix.columns {
      switch matrix {
      case .double(let matrix):
        let column = matrix.column(j)
        copy(j + 1) { column[$0] }
      case .single(let matrix):
        let column = matrix.column(j)
        copy(j + 1) { Double(column[$0]) }
      }
    }
    for (p, observation) in observations.enumerated() {
      observation.withUnsafeBufferPointer { y in copy(columns + 1 + p) { y[$0] } }
    }
  }
}

extension DenseMatrix {
  /// The largest |a_ij| of a column.
  fileprivate func magnitude(ofColumn j: Int) -> Double {
    switch self {
    case .double(let matrix): matrix.column(j).reduce(0) { max($0, abs($1)) }
    case .single(let matrix): Double(matrix.column(j).reduce(0) { max($0, abs($1)) })
    }
  }
}

/// R of the QR factor of W^½ [1 | A | Y]: all that least squares know of a tall table, in as many rows as it has
/// columns. For any b and x, ‖W^½(A x + b − y)‖₂ = ‖R (b, x, −1)‖₂.
///
/// By Householder reflections, panel after panel, so that its columns have the condition of the table and not its
/// square (TSQR: Demmel, Grigori, Hoemmen and Langou 2012). The order of the panels depends on the rows alone.
package struct TableFactor: Sendable {
  /// N.
  package let width: Int
  /// N × N, upper triangular, column after column, in the units of the table.
  package private(set) var triangle: [Double]

  /// The entry in row `i` and column `j`.
  package subscript(i: Int, j: Int) -> Double { triangle[i + j * width] }

  /// The factor of some of the columns, in this order.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package func selecting(_ columns: [Int]) throws(RecoveryError) -> TableFactor {
    guard columns != Array(0..<width) else { return self }
    let block = columns.flatMap { j in triangle[j * width..<(j + 1) * width] }
    return TableFactor(
      width: columns.count,
      triangle: try triangularFactor(block, rows: width, columns: columns.count))
  }

  private init(width: Int, triangle: [Double]) {
    self.width = width
    self.triangle = triangle
  }

  /// How many rows a panel has: some that fit a cache, and enough that what is done once a panel costs little.
  private static func panel(_ width: Int) -> Int { max(1024, 4 * width) }
  /// How many rows one thread takes.
  private static var chunk: Int { 1 << 14 }

  /// The factor of each group of rows, on several threads: 2 · m · N² flops and one pass over A.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package static func factors(
    of table: Table, rows groups: [[Int]], threads: Int? = nil
  ) throws(RecoveryError) -> [TableFactor] {
    let chunks = groups.enumerated().flatMap { group, rows in
      stride(from: 0, to: rows.count, by: chunk).map {
        (group: group, rows: rows[$0..<min($0 + chunk, rows.count)])
      }
    }
    let results = Mutex<[Int: Result<TableFactor, RecoveryError>]>([:])
    let workers = max(1, min(threads ?? AvailableCores.count, chunks.count))
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for place in stride(from: worker, to: chunks.count, by: workers) {
        let result = Result { () throws(RecoveryError) in
          try TableFactor(table, chunks[place].rows)
        }
        results.withLock { $0[place] = result }
      }
    }
    let found = results.withLock { $0 }
    var factors: [[TableFactor]] = Array(repeating: [], count: groups.count)
    for (place, chunk) in chunks.enumerated() {
      if let factor = try found[place]?.get() { factors[chunk.group].append(factor) }
    }
    return try factors.map { (parts) throws(RecoveryError) in
      try TableFactor(combining: parts, width: table.width)
    }
  }

  /// The factor of some rows, panel after panel.
  private init(_ table: Table, _ rows: ArraySlice<Int>) throws(RecoveryError) {
    LinearAlgebra.prepare()
    let (n, size) = (table.width, Self.panel(table.width))
    width = n
    triangle = Array(repeating: 0, count: n * n)
    var householder = Householder(rows: size, columns: n)
    for first in stride(from: rows.startIndex, to: rows.endIndex, by: size) {
      let part = rows[first..<min(first + size, rows.endIndex)]
      try householder.factor(rows: part.count, under: &triangle) { table.copy(part, to: $0) }
    }
  }

  /// The same in other units: column j times 2^`exponents[j]`, which rounds nothing in the range of doubles.
  package func scaled(by exponents: [Int]) -> TableFactor {
    var triangle = triangle
    for j in 0..<width where exponents[j] != 0 {
      for i in j * width...j * width + j { triangle[i] = scalbn(triangle[i], exponents[j]) }
    }
    return TableFactor(width: width, triangle: triangle)
  }

  /// The factor of the rows of several, one below the other: 2 · N³ flops for each.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package init(combining factors: [TableFactor], width n: Int) throws(RecoveryError) {
    LinearAlgebra.prepare()
    width = n
    triangle = factors.first?.triangle ?? Array(repeating: 0, count: n * n)
    var householder = Householder(rows: n, columns: n)
    for factor in factors.dropFirst() {
      try householder.factor(rows: n, under: &triangle, isTriangular: true) { panel in
        panel.update(from: factor.triangle, count: n * n)
      }
    }
  }
}

/// Takes panels into a triangle, in memory that is used again.
private struct Householder {
  private let columns: Int
  /// Columns whose reflections are applied together: the fastest of 16, 32 and 64 for 50 and 200 columns.
  private let blockSize: Int
  private var panel: [Double]
  private var reflectors: [Double]
  private var work: [Double]

  init(rows: Int, columns: Int) {
    self.columns = columns
    blockSize = columns < 128 ? min(16, columns) : 32
    panel = Array(repeating: 0, count: rows * columns)
    reflectors = Array(repeating: 0, count: blockSize * columns)
    work = reflectors
  }

  /// R ← the triangle of R above the panel of `rows` rows that `fill` writes, column after column.
  ///
  /// - Parameter isTriangular: whether the panel is a triangle as well.
  mutating func factor(
    rows: Int, under triangle: inout [Double], isTriangular: Bool = false,
    _ fill: (UnsafeMutablePointer<Double>) -> Void
  ) throws(RecoveryError) {
    let n = Int32(columns)
    var code: Int32 = 0
    panel.withUnsafeMutableBufferPointer { buffer in
      guard let panel = buffer.baseAddress else { return }
      fill(panel)
      code = LAPACKE_dtpqrt_work(
        LAPACK_COL_MAJOR, Int32(rows), n, isTriangular ? n : 0, Int32(blockSize), &triangle, n,
        panel, Int32(rows), &reflectors, Int32(blockSize), &work)
    }
    try check("dtpqrt", code)
  }
}
