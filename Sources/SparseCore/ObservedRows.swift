/// How many rows stand behind a problem, whatever became of them: weights, or a rotation.
package struct ObservedRows: Sendable, Equatable {
  /// How many were observed, as information criteria and estimates of the noise count them: those of positive weight, or
  /// the sum of weights that are frequencies.
  package let count: Int
  /// As how many rows of one weight they count in an inner product of two columns of independent entries: between these.
  ///
  /// Of weights that is (Σ wᵢ)² / Σ wᵢ² (Kish 1965, Survey Sampling). Weights that are frequencies of more rows than there are
  /// columns may also be those of a rotation, as ``ReducedTable`` leaves it: then it is up to Σ wᵢ.
  package let effective: ClosedRange<Double>

  /// Rows that are as they were observed.
  package init(_ count: Int) {
    self.count = count
    effective = Double(count)...Double(count)
  }

  /// Rows with weights of at least 0, not all 0, of a matrix with so many columns.
  package init(weights: [Double], areFrequencies: Bool, columns: Int) {
    let largest = weights.max() ?? 1
    // Relative to the largest no square overflows.
    var (present, total, sum, squares) = (0, 0.0, 0.0, 0.0)
    for w in weights where w > 0 {
      present += 1
      total += w
      sum += w / largest
      squares += (w / largest) * (w / largest)
    }
    let alike = present > 0 ? sum * sum / squares : 1
    count = areFrequencies ? Int(min(total.rounded(), 0x1p53)) : present
    effective = alike...(areFrequencies && present > columns ? max(alike, total) : alike)
  }
}

/// What the rows of a matrix are that a rotation made of others.
package struct RowRotation: Sendable, Equatable {
  /// The rows that it was made of.
  package let observed: ObservedRows
  /// Whether the first row is the direction of the vector of ones. Else fits explain it, and the rows have no part of it.
  package let startsWithConstant: Bool

  /// A rotation of these rows.
  package init(of observed: ObservedRows, startsWithConstant: Bool) {
    self.observed = observed
    self.startsWithConstant = startsWithConstant
  }
}
