/// Find at most k columns of A that explain y best: minimise ½‖Ax − y‖₂² over ‖x‖₀ ≤ k, or what a
/// ``RecoveryModel`` and a ``Loss`` make of it.
public struct RecoveryProblem: Sendable {
  /// The columns of A, scaled to unit norm on the fly.
  public let atoms: Atoms
  /// The observation y as given, of length m.
  public let observation: [Double]

  /// What is fitted beside the plain least squares.
  public let model: RecoveryModel
  /// What is minimised.
  public let loss: any Loss
  /// Whether that is least squares.
  package let hasSquaredLoss: Bool

  /// T y divided by ``observationScale``, so that no product with an atom overflows. Of least squares alone.
  package let scaledObservation: [Double]
  /// A power of two near the largest |(W^½ y)ᵢ|: dividing by it rounds nothing, so that the supports
  /// visited do not depend on the unit in which y is given. 1 under another loss than least squares, which may.
  package let observationScale: Double

  /// y divided by ``observationScale``, with zeros in the rows of weight 0.
  package let presentObservation: [Double]
  /// Σ wᵢ; m without weights.
  package let totalWeight: Double

  /// The number of rows, m.
  public var rows: Int { atoms.rows }
  /// How many rows take part: those of positive weight.
  package var presentRows: Int { model.weights?.count { $0 > 0 } ?? rows }
  /// The number of columns, n.
  public var columns: Int { atoms.columns }

  /// States the problem, checking every number: one pass over A.
  ///
  /// - Parameters:
  ///   - normalize: whether columns are compared as if they had unit norm.
  ///   - model: an intercept, weights, a ridge, columns in or out, signs.
  ///   - loss: what is minimised. Under another loss than least squares coefficients may have any sign, and columns
  ///     are not standardised.
  /// - Throws: what ``Atoms/init(_:normalize:model:)`` throws,
  ///   ``RecoveryError/observationLength(expected:found:)``,
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``,
  ///   ``RecoveryError/penaltyOverflow(column:ridge:)``, what ``Loss/check(_:at:)`` does, or
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)`` when m or n is 2³¹ or more: BLAS and LAPACK
  ///   count them with 32 bits. Their product may be larger.
  public init(
    _ operator: any LinearOperator, observation: [Double], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), loss: any Loss = SquaredLoss()
  ) throws(RecoveryError) {
    let (m, n) = (`operator`.rows, `operator`.columns)
    guard m > 0, n > 0 else { throw .emptyMatrix(rows: m, columns: n) }
    guard m <= Int32.max, n <= Int32.max else { throw .matrixTooLarge(rows: m, columns: n) }
    let atoms = try Atoms(`operator`, normalize: normalize, model: model)
    self = try RecoveryProblem(atoms, observation: observation, model: model, loss: loss)
  }

  /// States the problem for a matrix whose entries lie in memory:
  /// ``init(_:observation:normalize:model:loss:)``.
  public init(
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
    try RecoveryProblem(atoms, observation: observation, model: model, loss: loss)
  }

  private init(
    _ atoms: Atoms, observation: [Double], model: RecoveryModel, loss: any Loss
  ) throws(RecoveryError) {
    guard observation.count == atoms.rows else {
      throw .observationLength(expected: atoms.rows, found: observation.count)
    }
    let present = atoms.transform?.present(observation) ?? observation
    if let index = present.firstIndex(where: { !$0.isFinite }) {
      throw .nonFiniteObservation(index: index, value: present[index])
    }
    self.atoms = atoms
    self.observation = observation
    self.model = model
    self.loss = loss
    hasSquaredLoss = loss is SquaredLoss
    if !hasSquaredLoss { try Self.check(observation, model, loss) }
    // Near one before the weights and after them, clear of both ends of the range, so that the scale
    // and its reciprocal are normal.
    let exponent = present.largestExponent
    let weighted = atoms.weighted(present.map { $0.scaled(by: -exponent) })
    let sum =
      hasSquaredLoss ? min(max(exponent + weighted.largestExponent, -1000), 1000) : 0
    observationScale = Double(sign: .plus, exponent: sum, significand: 1)
    presentObservation = present.map { $0.scaled(by: -sum) }
    scaledObservation = Self.transformed(presentObservation, atoms)
    totalWeight = model.weights?.reduce(0, +) ?? Double(atoms.rows)
    if let j = (0..<atoms.columns).first(where: { !penalty($0).isFinite }) {
      throw .penaltyOverflow(column: j, ridge: model.ridge)
    }
  }

  /// Refuses what another loss than least squares does not go with.
  private static func check(
    _ observation: [Double], _ model: RecoveryModel, _ loss: any Loss
  ) throws(RecoveryError) {
    let options = [
      (model.isNonnegative, "nonnegative coefficients"),
      (model.isStandardized, "standardised columns"),
    ]
    if let (_, option) = options.first(where: \.0) {
      throw .invalidOption(
        name: "loss", value: loss.name.oneLine(limit: 80),
        expected: "least squares together with \(option)")
    }
    for (i, y) in observation.enumerated() where model.weights.map({ $0[i] > 0 }) ?? true {
      try loss.check(y, at: i)
    }
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
