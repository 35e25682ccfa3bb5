package import SparseRecovery

/// A table of numbers, one column of which is to be explained by a few of the others.
package struct RegressionData: Sendable {
  /// The features, a row for each sample.
  package let features: Matrix<Double>
  /// What they are to explain.
  package let target: [Double]

  /// Brings features and target together.
  ///
  /// - Throws: ``RecoveryError/observationLength(expected:found:)``, or
  ///   ``RecoveryError/nonFiniteMatrix(row:column:value:)`` and its like for numbers that are none.
  package init(features: DenseMatrix, target: [Double]) throws(RecoveryError) {
    // Checks every number.
    _ = try RecoveryProblem(matrix: features, observation: target)
    self.features = try Matrix(rows: features.rows, columns: features.columns) { entries in
      for j in 0..<features.columns {
        for i in 0..<features.rows { entries[j * features.rows + i] = features[i, j] }
      }
    }
    self.target = target
  }

  /// Takes one column of a table as the target and the others as features.
  ///
  /// - Parameter target: counted from zero, or nil for the last.
  /// - Throws: ``ExperimentError/invalidSetting(name:value:expected:)`` where there is no such column
  ///   or no other, and what ``init(features:target:)`` throws.
  package init(table: DenseMatrix, target: Int? = nil) throws {
    let chosen = target ?? table.columns - 1
    guard 0..<table.columns ~= chosen else {
      throw ExperimentError.invalidSetting(
        name: "target", value: "\(chosen)", expected: "a column from 0 to \(table.columns - 1)")
    }
    guard table.columns > 1 else {
      throw ExperimentError.invalidSetting(
        name: "data", value: "one column", expected: "a target and at least one feature")
    }
    let others = (0..<table.columns).filter { $0 != chosen }
    let features = try Matrix<Double>(rows: table.rows, columns: others.count) { entries in
      for (position, j) in others.enumerated() {
        for i in 0..<table.rows { entries[position * table.rows + i] = table[i, j] }
      }
    }
    try self.init(
      features: .double(features), target: (0..<table.rows).map { table[$0, chosen] })
  }

  /// The features, and all products of two of them, each feature in standard deviations about its
  /// mean: n + n (n + 1) / 2 columns, squares included.
  ///
  /// Constant columns make products that are zero.
  package func withProducts() throws(RecoveryError) -> RegressionData {
    let rows = features.rows
    let standardized = (0..<features.columns).map { standardizedColumn($0) }
    let products = standardized.indices.flatMap { a in
      standardized[a...].flatMap { other in zip(standardized[a], other).map { $0 * $1 } }
    }
    let elements = standardized.flatMap(\.self) + products
    let expanded = try Matrix(rows: rows, columns: elements.count / rows, columnMajor: elements)
    return try RegressionData(features: .double(expanded), target: target)
  }

  /// A number that any change of the numbers changes, but for one in 2⁶⁴: FNV-1a over their bits.
  package var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func take(_ value: Double) { hash = (hash ^ value.bitPattern) &* 0x0000_0100_0000_01B3 }
    for j in 0..<features.columns { for value in features.column(j) { take(value) } }
    for value in target { take(value) }
    return hash
  }

  /// Some of the samples.
  func samples(_ indices: [Int]) throws(RecoveryError) -> (features: DenseMatrix, target: [Double])
  {
    let matrix = try Matrix<Double>(rows: indices.count, columns: features.columns) { entries in
      for j in 0..<features.columns {
        let column = features.column(j)
        for (position, i) in indices.enumerated() {
          entries[j * indices.count + position] = column[i]
        }
      }
    }
    return (.double(matrix), indices.map { target[$0] })
  }

  private func standardizedColumn(_ j: Int) -> [Double] {
    let column = Array(features.column(j))
    let count = Double(column.count)
    let mean = column.reduce(0) { $0 + $1 / count }
    let centred = column.map { $0 - mean }
    let deviation = (centred.squaredNorm / count).squareRoot()
    return deviation > 0 ? centred.map { $0 / deviation } : centred.map { _ in 0 }
  }
}
