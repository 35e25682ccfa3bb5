import SparseCore

extension ColumnWriter {
  /// Independent standard normal entries, in columns of unit norm if wanted.
  func gaussian(seed: UInt64, unitColumns: Bool) {
    forEachColumn { j, column in
      var generator = Self.generator(seed: seed, column: j)
      generator.fillNormal(column)
      if unitColumns { scaleToUnitNorm(column) }
    }
  }

  /// Entries ±1/√m.
  func bernoulli(seed: UInt64) {
    let magnitude = 1 / Double(rows).squareRoot()
    forEachColumn { j, column in
      var generator = Self.generator(seed: seed, column: j)
      for i in column.indices { column[i] = generator.sign() * magnitude }
    }
  }

  /// Independent entries uniform on (0, 1], in columns of unit norm.
  func uniform(seed: UInt64) {
    forEachColumn { j, column in
      var generator = Self.generator(seed: seed, column: j)
      for i in column.indices { column[i] = 1 - generator.uniform() }
      scaleToUnitNorm(column)
    }
  }

  /// Rows that are stationary autoregressive sequences: x_j = ρ x_{j−1} + √(1 − ρ²) ε_j, so that
  /// every entry has variance one and columns i and j have covariance ρ^|i−j|.
  func toeplitz(seed: UInt64, correlation: Double) {
    gaussian(seed: seed, unitColumns: false)
    let innovation = (1 - correlation * correlation).squareRoot()
    for p in rows..<max(rows, entries.count) {
      entries[p] = correlation * entries[p - rows] + innovation * entries[p]
    }
  }
}
