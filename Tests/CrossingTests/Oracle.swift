import SparseRecovery

/// What least squares makes of one observation, written out by hand on the rows that count; of another loss, its value and
/// its slopes.
struct Oracle: Sendable {
  /// Least squares on one support.
  struct Fit {
    /// The coefficients of the support, in its order.
    let coefficients: [Double]
    /// The constant, where one is fitted.
    let intercept: Double?
    /// ‖W^½(Ax + b − y)‖₂.
    let residualNorm: Double
    /// ‖W^½(Ax + b − y)‖₂² and the ridge: twice what is minimised.
    let loss: Double
    /// ‖B⁺‖ for the columns of the whole design brought to unit norm, infinite where they are
    /// dependent.
    let condition: Double
    /// ‖W^½y‖₂ + Σ |xⱼ| ‖W^½aⱼ‖₂: what residuals are rounded relative to.
    let size: Double
  }

  private let columns: [[Double]]
  private let roots: [Double]
  private let y: [Double]
  private let other: (any Loss)?
  let model: RecoveryModel
  /// λ, or λ std², for every column that is not included.
  private let penalties: [Double]
  /// The columns included, in ascending order.
  let included: [Int]
  /// The columns that may be selected.
  let usable: [Int]
  /// ‖W^½y‖₂, or the root of twice another loss at η = 0.
  let observationNorm: Double

  init(_ table: Table, observation: Int, _ model: RecoveryModel, _ other: (any Loss)? = nil) {
    self.other = other
    columns = table.columns
    let roots = (table.weights ?? table.observations[0].map { _ in 1 }).map { $0.squareRoot() }
    self.roots = roots
    y = table.observations[observation]
    self.model = model
    let included = model.included.sorted()
    self.included = included
    let weights = roots.map { $0 * $0 }
    let zeros = roots.map { _ in 0.0 }
    let value = other?.evaluate(zeros, table.observations[observation], weights: weights).value
    let length = norm(zip(roots, table.observations[observation]).map(*)[...])
    observationNorm = value.map { (2 * $0).squareRoot() } ?? length
    penalties = table.columns.map { column in
      guard model.isStandardized else { return model.ridge }
      // std² = Σ wᵢ (aᵢ − mean)² / Σ wᵢ, with the weighted mean.
      let total = weights.reduce(0, +)
      let mean = dot(weights, column) / total
      let deviations = column.map { ($0 - mean) * ($0 - mean) }
      return model.ridge * dot(weights, deviations) / total
    }
    let ones = model.hasIntercept || model.isStandardized ? [roots] : []
    let fixed = ones + included.map { j in zip(roots, table.columns[j]).map(*) }
    usable = table.columns.indices.filter { j in
      guard !model.included.contains(j), !model.excluded.contains(j) else { return false }
      let column = zip(roots, table.columns[j]).map(*)
      let left = Self.residual(fixed, column)
      return norm(left[...]) > 1e-12 * norm(column[...])
    }
  }

  /// What the columns leave of v.
  private static func residual(_ columns: [[Double]], _ v: [Double]) -> [Double] {
    let scaled = columns.map(unit)
    let x = Factorization(scaled, v).coefficients
    var left = v
    for (column, x) in zip(scaled, x) { for i in left.indices { left[i] -= x * column[i] } }
    return left
  }

  private static func unit(_ v: [Double]) -> [Double] {
    let length = norm(v[...])
    return length > 0 ? v.map { $0 / length } : v
  }

  /// Least squares on these columns and the intercept. Those included are not penalised.
  func fit(_ support: [Int]) -> Fit {
    let isCentred = model.hasIntercept || model.isStandardized
    let design = (isCentred ? [roots] : []) + support.map { j in zip(roots, columns[j]).map(*) }
    let offset = isCentred ? 1 : 0
    let lengths = design.map { max(norm($0[...]), .leastNormalMagnitude) }
    let free = support.indices.filter { model.ridge > 0 && !model.included.contains(support[$0]) }
    // A row √penalty eⱼ below the columns, for every column that is penalised.
    let augmented = design.indices.map { p in
      let rows = free.map { q in
        q + offset == p ? penalties[support[q]].squareRoot() / lengths[p] : 0
      }
      return design[p].map { $0 / lengths[p] } + rows
    }
    let z = zip(roots, y).map(*)
    let factorization = Factorization(augmented, z + free.map { _ in 0 })
    let x = zip(factorization.coefficients, lengths).map { $0 / $1 }
    let residual = Self.residual(of: x, design, z)
    let penalty = free.reduce(0) { $0 + penalties[support[$1]] * x[$1 + offset] * x[$1 + offset] }
    return Fit(
      coefficients: Array(x[offset...]), intercept: isCentred ? x[0] : nil,
      residualNorm: norm(residual[...]), loss: dot(residual, residual) + penalty,
      condition: factorization.inverseNorm,
      size: observationNorm + zip(x, lengths).reduce(0) { $0 + abs($1.0) * $1.1 })
  }

  private static func residual(
    of x: [Double], _ columns: [[Double]], _ z: [Double]
  ) -> [Double] {
    var residual = z
    for (x, column) in zip(x, columns) {
      for i in residual.indices { residual[i] -= x * column[i] }
    }
    return residual
  }

  /// W^½(y − Ax − b) of a solution as reported.
  func residual(of solution: SparseSolution) -> [Double] {
    var residual = y.map { $0 - (solution.intercept ?? 0) }
    for (j, x) in zip(solution.support, solution.coefficients) {
      for i in residual.indices { residual[i] -= x * columns[j][i] }
    }
    return zip(roots, residual).map(*)
  }

  /// Twice what is minimised, of a solution as reported.
  func loss(of solution: SparseSolution) -> Double {
    let residual = other == nil ? residual(of: solution) : []
    let loss = point(of: solution).map { 2 * $0.value } ?? dot(residual, residual)
    return zip(solution.support, solution.coefficients).reduce(loss) {
      sum, term in
      model.included.contains(term.0) ? sum : sum + penalties[term.0] * term.1 * term.1
    }
  }

  /// Another loss than least squares at a solution as reported.
  func point(of solution: SparseSolution) -> LossPoint? {
    let η = y.indices.map { i in
      zip(solution.support, solution.coefficients).reduce(solution.intercept ?? 0) {
        $0 + $1.1 * columns[$1.0][i]
      }
    }
    return other?.evaluate(η, y, weights: roots.map { $0 * $0 })
  }

  /// By how much that loss and the ridge would fall along one column, or the intercept where it is nil: half the square
  /// of the slope over the curvature; by nothing where signs hold a coefficient at zero that would fall.
  func decrease(of solution: SparseSolution, along j: Int?) -> Double {
    guard let point = point(of: solution) else { return 0 }
    let column = j.map { columns[$0] } ?? y.map { _ in 1 }
    let penalty = j.map { model.included.contains($0) ? 0 : penalties[$0] } ?? 0
    let x = j.flatMap { solution.support.firstIndex(of: $0) }.map { solution.coefficients[$0] } ?? 0
    let slope = dot(column, point.gradient) + penalty * x
    if model.isNonnegative, j != nil, x == 0, slope > 0 { return 0 }
    let curvature = dot(column.map { $0 * $0 }, point.curvature) + penalty
    return slope == 0 ? 0 : slope * slope / (2 * curvature)
  }

  /// Twice the gradient of what is minimised by the coefficient of column `j`.
  func slope(of solution: SparseSolution, along j: Int) -> Double {
    let residual = residual(of: solution)
    let column = zip(roots, columns[j]).map(*)
    let x = solution.support.firstIndex(of: j).map { solution.coefficients[$0] } ?? 0
    return -2 * dot(column, residual) + (model.included.contains(j) ? 0 : 2 * penalties[j] * x)
  }

  /// ‖W^½aⱼ‖₂.
  func length(_ j: Int) -> Double { norm(zip(roots, columns[j]).map(*)[...]) }

  /// ‖W^½1‖₂.
  var interceptLength: Double { norm(roots[...]) }

  /// The loss on a support where no coefficient may be negative: the best of all subsets whose own
  /// least squares has none that is.
  func nonnegativeLoss(_ support: [Int]) -> Double {
    (0..<(1 << support.count)).reduce(.infinity) { best, chosen in
      let part = support.indices.filter { chosen >> $0 & 1 == 1 }.map { support[$0] }
      let fit = fit(part)
      guard fit.condition.isFinite, fit.coefficients.allSatisfy({ $0 > 0 }) else { return best }
      return min(best, fit.loss)
    }
  }

  /// The loss on a support under the model.
  func constrainedLoss(_ support: [Int]) -> Double {
    model.isNonnegative ? nonnegativeLoss(support) : fit(support).loss
  }

  /// How far two computations of a loss, of this size at most, may be apart: sums of m + k squares,
  /// each of a number that is rounded relative to `size`.
  ///
  /// Of another loss each is a minimum of its own, reached but for what half the digits of a gradient make of it.
  func lossTolerance(_ size: Double) -> Double {
    guard other == nil else { return 1e-9 * size * size }
    return 8 * Double(y.count + columns.count) * Double.ulpOfOne * size * size
  }
}
