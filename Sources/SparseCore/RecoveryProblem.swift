/// Find at most k columns of A that explain y best: minimise ½‖Ax − y‖₂² over ‖x‖₀ ≤ k, or what a
/// ``RecoveryModel`` and a ``Loss`` make of it.
///
/// Immutable: all that works on a problem shares one.
public final class RecoveryProblem: Sendable {
  /// The columns of A, scaled to unit norm on the fly.
  public let atoms: Atoms
  /// The observations as given, of length m: one, or several that share a support.
  package let observations: [[Double]]
  /// The observation y as given, of length m; the first where several share a support.
  public var observation: [Double] { observations[0] }

  /// What is fitted beside the plain least squares.
  public let model: RecoveryModel
  /// What is minimised.
  public let loss: any Loss
  /// Whether that is least squares.
  package let hasSquaredLoss: Bool

  /// T y_l of every observation, divided by one ``observationScale``, so that no product with an atom overflows. Of
  /// least squares alone.
  package let scaledObservations: [[Double]]
  /// The first of them.
  package var scaledObservation: [Double] { scaledObservations[0] }
  /// All of them, plane after plane.
  package var scaledPlanes: [Double] { scaledObservations.flatMap { $0 } }
  /// A power of two near the largest |(W^½ y)ᵢ| of all observations: dividing by it rounds nothing, so that the supports
  /// visited do not depend on the unit in which y is given. Under another loss than least squares, which may depend on it,
  /// it is 1, but where y is beyond 2^±256 and the loss can be measured in another unit.
  package let observationScale: Double
  /// The loss of observations divided by ``observationScale``.
  package let scaledLoss: any Loss

  /// Every y divided by ``observationScale``, with zeros in the rows of weight 0.
  package let presentObservations: [[Double]]
  /// The first of them.
  package var presentObservation: [Double] { presentObservations[0] }
  /// Σ wᵢ; m without weights.
  package let totalWeight: Double

  /// The number of rows, m.
  public var rows: Int { atoms.rows }
  /// How many observations share a support, L: the planes of residuals, correlations and coefficients.
  public var planes: Int { observations.count }
  /// The planes of residuals, or of correlations, that stand one behind the other.
  package func planes(of numbers: [Double]) -> [[Double]] {
    (0..<planes).map { numbers.part($0, of: planes) }
  }
  /// How many rows take part: those of positive weight.
  package var presentRows: Int { model.weights?.count { $0 > 0 } ?? rows }
  /// The rows that were observed, of which those of the matrix may be a rotation. O(m) where there are weights.
  package var observedRows: ObservedRows {
    if let rotation = model.rotation { return rotation.observed }
    guard let weights = model.weights else { return ObservedRows(rows) }
    return ObservedRows(
      weights: weights, areFrequencies: model.weightsAreFrequencies, columns: columns)
  }
  /// How many rows were observed, as information criteria and estimates of the noise count them: those of positive weight,
  /// or the sum of weights that are frequencies, or what a rotation of the rows was made of.
  public var sampleSize: Int { observedRows.count }
  /// How many atoms can be told apart at most: all with a ridge, else as many as there are rows of positive weight, and no
  /// more than were observed.
  package var mostIndependentAtoms: Int {
    model.ridge > 0 ? atoms.usableColumns : min(presentRows, sampleSize)
  }
  /// How many groups of atoms can be told apart at most; of atoms, where each stands for itself.
  package var mostIndependentGroups: Int { min(mostIndependentAtoms, atoms.usableGroups) }
  /// The number of columns, n.
  public var columns: Int { atoms.columns }

  /// States the problem, checking every number: one pass over A.
  ///
  /// - Parameters:
  ///   - normalize: whether columns are compared as if they had unit norm.
  ///   - model: an intercept, weights, a ridge, columns in or out, signs.
  ///   - loss: what is minimised.
  /// - Throws: what ``Atoms/init(_:normalize:model:)`` throws,
  ///   ``RecoveryError/observationLength(expected:found:)``,
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``,
  ///   ``RecoveryError/penaltyOverflow(column:ridge:)``, what ``Loss/check(_:at:)`` does, or
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)`` when m or n is 2³¹ or more: BLAS and LAPACK
  ///   count them with 32 bits. Their product may be larger.
  public convenience init(
    _ operator: any LinearOperator, observation: [Double], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), loss: any Loss = SquaredLoss()
  ) throws(RecoveryError) {
    let (m, n) = (`operator`.rows, `operator`.columns)
    guard m > 0, n > 0 else { throw .emptyMatrix(rows: m, columns: n) }
    guard m <= Int32.max, n <= Int32.max else { throw .matrixTooLarge(rows: m, columns: n) }
    guard observation.count == m else {
      throw .observationLength(expected: m, found: observation.count)
    }
    let atoms = try Atoms(`operator`, normalize: normalize, model: model)
    try self.init(atoms, [observation], model, loss)
  }

  /// States the problem for a matrix whose entries lie in memory:
  /// ``init(_:observation:normalize:model:loss:)``.
  public convenience init(
    matrix: DenseMatrix, observation: [Double], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), loss: any Loss = SquaredLoss()
  ) throws(RecoveryError) {
    try self.init(matrix, observation: observation, normalize: normalize, model: model, loss: loss)
  }

  /// The same atoms and another observation.
  ///
  /// - Throws: ``RecoveryError/observationLength(expected:found:)``,
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``, or what ``Loss/check(_:at:)`` does.
  public func observing(_ observation: [Double]) throws(RecoveryError) -> RecoveryProblem {
    try RecoveryProblem(atoms, [observation], model, loss)
  }

  /// The same atoms, and one support for several observations, at least one.
  ///
  /// - Throws: what ``observing(_:)`` throws.
  package func observing(jointly observations: [[Double]]) throws(RecoveryError) -> RecoveryProblem
  {
    try RecoveryProblem(atoms, observations, model, loss)
  }

  private init(
    _ atoms: Atoms, _ observations: [[Double]], _ model: RecoveryModel, _ loss: any Loss
  ) throws(RecoveryError) {
    var present: [[Double]] = []
    for observation in observations {
      guard observation.count == atoms.rows else {
        throw .observationLength(expected: atoms.rows, found: observation.count)
      }
      let y = atoms.transform?.present(observation) ?? observation
      if let index = y.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteObservation(index: index, value: y[index])
      }
      present.append(y)
    }
    self.atoms = atoms
    self.observations = observations
    self.model = model
    self.loss = loss
    hasSquaredLoss = loss is SquaredLoss
    guard hasSquaredLoss || !model.isOfRealForm else {
      throw .invalidOption(name: "loss", value: loss.name, expected: "squares for complex columns")
    }
    if !hasSquaredLoss { for y in observations { try Self.check(y, model, loss) } }
    let (exponent, scaledLoss) = Self.unit(of: present, atoms, loss)
    self.scaledLoss = scaledLoss
    observationScale = Double(sign: .plus, exponent: exponent, significand: 1)
    presentObservations = present.map { $0.map { $0.scaled(by: -exponent) } }
    scaledObservations = presentObservations.map { Self.transformed($0, atoms) }
    totalWeight = model.weights?.reduce(0, +) ?? Double(atoms.rows)
    if model.ridge > 0, let j = (0..<atoms.columns).first(where: { !penalty($0).isFinite }) {
      throw .penaltyOverflow(column: j, ridge: model.ridge)
    }
  }

  /// Refuses an observation that makes no sense to a loss.
  private static func check(
    _ observation: [Double], _ model: RecoveryModel, _ loss: any Loss
  ) throws(RecoveryError) {
    for (i, y) in observation.enumerated() where model.weights.map({ $0[i] > 0 }) ?? true {
      try loss.check(y, at: i)
    }
  }

  /// The exponent of what observations are divided by, and the loss of what comes of it.
  private static func unit(
    of present: [[Double]], _ atoms: Atoms, _ loss: any Loss
  ) -> (exponent: Int, loss: any Loss) {
    guard !(loss is SquaredLoss) else {
      let exponents = present.filter { $0.contains { $0 != 0 } }.map {
        Self.exponent(of: $0, atoms)
      }
      return (exponents.max() ?? 0, loss)
    }
    let largest = present.joined().reduce(0) { max($0, abs($1)) }
    let exponent = min(max(largest.extremeExponent, -1000), 1000)
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    guard exponent != 0, let loss = loss.measured(in: unit) else { return (0, loss) }
    return (exponent, loss)
  }

  /// e of the largest |(W^½ y)ᵢ| = 1.… · 2^e: near one before the weights and after them, clear of both ends of the
  /// range, so that the scale and its reciprocal are normal.
  private static func exponent(of y: [Double], _ atoms: Atoms) -> Int {
    let exponent = y.largestExponent
    let weighted = atoms.weighted(y.map { $0.scaled(by: -exponent) })
    return min(max(exponent + weighted.largestExponent, -1000), 1000)
  }

  /// T y, exactly zero where T leaves rounding only: a constant observation under an intercept.
  private static func transformed(_ y: [Double], _ atoms: Atoms) -> [Double] {
    guard let transform = atoms.transform else { return y }
    let result = transform.applied(to: y)
    guard transform.projects else { return result }
    let isRounding = result.norm <= RowTransform.rounding * transform.weighted(y).norm
    return isRounding ? y.map { _ in 0 } : result
  }

  /// What the ridge adds to the squared loss for a coefficient c_j of atom `j`: this · c_j².
  ///
  /// Of the standardised coefficients, x_j · std_j with std_j² = Σ wᵢ (aᵢⱼ − mean)² / Σ wᵢ, that is
  /// λ / Σ wᵢ for every atom of unit norm where no columns are included.
  package func penalty(_ j: Int) -> Double {
    guard model.ridge > 0 else { return 0 }
    if model.isStandardized {
      let length = atoms.centredNorms.map { $0[j] * atoms.scale[j] } ?? 1
      return model.ridge / totalWeight * length * length
    }
    return model.ridge * atoms.scale[j] * atoms.scale[j]
  }
}
