import LeastSquares
public import SparseCore

/// A problem with its atoms on an engine, and what all solves on it share: Gram columns, the
/// spectral norm, the correlations of the observation.
///
/// Several solvers, sparsities and starts on one problem should share one of these: each then pays
/// only for what the others have not computed. It serves one solve at a time.
public final class Workspace {
  /// The problem.
  public let problem: RecoveryProblem
  /// The atoms where they are worked on.
  public let engine: any Engine
  /// How many times A was read from end to end by all solves on it.
  public internal(set) var matrixPasses = 0

  /// Gram columns, which depend on the atoms alone.
  let cache: GramCache
  /// Copies of the atoms on the host, which depend on the atoms alone.
  let host: HostCopies
  let use: GramUse
  private var projector: Projector?
  /// Fits supports under another loss than least squares.
  lazy var minimizer = LossMinimizer(problem)
  /// Losses of supports among the atoms that bounds look at, where these are too many for one Gram matrix.
  lazy var cachedLoss = CachedLoss(problem, threads: engine.threads)
  /// All atoms in the order in which backward elimination takes them out: what is left of them is behind for every sparsity.
  var eliminationOrder: [Int]?
  private var storedNullModel: Iterate?
  private var spectralNormSquare: Double?
  private var residualVectors: [EngineVector] = []
  private var scratchVectors: [EngineVector] = []
  private var observationVectors: [EngineVector] = []
  /// Whether Aᵀy was computed and counted, here or before a break.
  private(set) var knowsObservation = false

  /// Brings a problem and an engine that holds its atoms together. Nothing is computed yet.
  ///
  /// - Parameters:
  ///   - gramMemory: the most bytes of Gram columns to keep on the engine, or nil for a quarter of
  ///     the free memory of this machine.
  ///   - use: when gradients come from Gram columns.
  public init(
    _ problem: RecoveryProblem, on engine: any Engine, gramMemory: Int? = nil,
    use: GramUse = .whenCached
  ) {
    precondition(
      engine.rows == problem.rows && engine.columns == problem.columns,
      "the engine holds the atoms of the problem")
    self.problem = problem
    self.engine = engine
    self.use = use
    let budget = MemoryBudget(gramMemory)
    cache = GramCache(engine, atoms: problem.atoms, budget: budget)
    host = HostCopies(problem, budget: budget)
  }

  /// The same atoms and another observation: engine and Gram columns are shared, so that only one of
  /// the two may solve at a time.
  ///
  /// - Throws: ``RecoveryError/observationLength(expected:found:)`` or
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``.
  public func observing(_ observation: [Double]) throws(RecoveryError) -> Workspace {
    observing(try problem.observing(observation))
  }

  /// As above, and one support for several observations.
  func observing(jointly observations: [[Double]]) throws(RecoveryError) -> Workspace {
    observing(try problem.observing(jointly: observations))
  }

  private func observing(_ problem: RecoveryProblem) -> Workspace {
    Workspace(problem, engine, cache, host, use, spectralNormSquare: spectralNormSquare)
  }

  /// The same problem on the same engine with nothing else shared but ‖AD‖₂, copies of the atoms and their elimination:
  /// what is solved on it has the bits that it has alone.
  func apart() -> Workspace {
    let apart = Workspace(
      problem, engine, GramCache(engine, atoms: problem.atoms, budget: cache.budget), host, use,
      spectralNormSquare: spectralNormSquare)
    apart.eliminationOrder = eliminationOrder
    return apart
  }

  /// Counts what was solved apart.
  func add(_ other: Workspace) {
    matrixPasses += other.matrixPasses
    spectralNormSquare = spectralNormSquare ?? other.spectralNormSquare
    eliminationOrder = eliminationOrder ?? other.eliminationOrder
  }

  private init(
    _ problem: RecoveryProblem, _ engine: any Engine, _ cache: GramCache, _ host: HostCopies,
    _ use: GramUse, spectralNormSquare: Double?
  ) {
    self.problem = problem
    self.engine = engine
    self.cache = cache
    self.host = host
    self.use = use
    self.spectralNormSquare = spectralNormSquare
  }

  /// The minimum of the loss on `support`, from atoms gathered once for as long as they are used: the projection.
  ///
  /// 2 · m · k · s flops for s atoms that were not at hand, k³/3, and 2 · m · k; of least norm where atoms are
  /// dependent. Under another loss than least squares some ten Newton steps of m · k² flops: where the loss has no
  /// minimum, a point where nothing is left to gain.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)``, and what ``LinearOperator/copyColumns(_:into:)`` does.
  public func project(onto support: [Int]) throws(RecoveryError) -> Iterate {
    guard !support.isEmpty else { return try nullModel() }
    guard problem.hasSquaredLoss else {
      return Iterate(support: support, projection: try minimizer.minimize(onto: support).projection)
    }
    let projection = try withProjector(for: support.count) {
      (projector) throws(RecoveryError) in try projector.projectAllowed(onto: support)
    }
    return Iterate(support: support, projection: projection)
  }

  /// x = 0: what the intercept and the columns included leave by themselves. Fitted once.
  ///
  /// - Throws: what ``project(onto:)`` throws.
  public func nullModel() throws(RecoveryError) -> Iterate {
    if let storedNullModel { return storedNullModel }
    let x: Iterate
    if problem.hasSquaredLoss {
      x = Iterate(empty: problem)
    } else {
      let fit = try minimizer.minimize(onto: [])
      let zero = SparseVector(support: [], coefficients: [])
      // What rounding leaves of a loss is nothing to explain.
      x =
        fit.isExplained
        ? Iterate(
          zero, residual: fit.projection.residual.map { _ in 0 }, residualNorm: 0, method: nil,
          isGramAccurate: false)
        : Iterate(zero, fit)
    }
    storedNullModel = x
    return x
  }

  /// Starts a new projector, so that what follows does not depend on the solves before.
  func restartProjector(capacity: Int) { projector = Projector(problem, capacity: capacity) }

  /// Starts a projector that goes on where another one was.
  func restartProjector(
    capacity: Int, _ arrangement: Projector.Arrangement
  ) throws(RecoveryError) {
    projector = try Projector(problem, capacity: capacity, arrangement: arrangement)
  }

  /// How many atoms the projector has room for, and which are where.
  var projectorState: (capacity: Int, Projector.Arrangement) {
    guard let projector else { return (0, Projector.Arrangement(atoms: [], gram: [])) }
    return (projector.capacity, projector.arrangement)
  }

  /// Writes what is computed once for all: ‖AD‖₂², if it is known, and whether Aᵀy is.
  func writeConstants(to writer: inout WordWriter) {
    writer.write(spectralNormSquare.map { [$0] } ?? [])
    writer.write(knowsObservation ? 1 : 0)
  }

  /// Reads that.
  func restoreConstants(from reader: inout WordReader) throws(CheckpointError) {
    if let square = try reader.doubles().first {
      guard square > 0, square.isFinite else {
        throw .damaged(expected: "a spectral norm", found: "\(square)")
      }
      spectralNormSquare = square
    }
    if try reader.flag() { knowsObservation = true }
  }

  /// Writes which products of columns are at hand.
  func write(to writer: inout StateWriter) {
    writer.write(ifAny: spectralNormSquare) { $0.write($1) }
    writer.write(knowsObservation)
    cache.write(to: &writer)
  }

  /// Computes them again.
  func restore(from reader: inout StateReader) throws(RecoveryError) {
    if let square = try reader.optional({ (r) throws(RecoveryError) in try r.double() }) {
      try reader.require(square > 0 && square.isFinite)
      spectralNormSquare = square
    }
    if try reader.flag() { knowsObservation = true }
    try cache.restore(from: &reader)
  }

  /// Drops what products of columns were computed, whose last bits depend on what was computed
  /// with them.
  func forget() {
    projector = nil
    cache.removeAll()
  }

  /// Lends the projector, with room for `count` atoms.
  func withProjector<Result>(
    for count: Int, _ body: (inout Projector) throws(RecoveryError) -> Result
  ) throws(RecoveryError) -> Result {
    // The stored one gives up its buffers, which would be copied otherwise.
    var projector = projector(for: count, self.projector.take())
    defer { self.projector = projector }
    return try body(&projector)
  }

  /// A projector with room for `count` atoms: at least twice what was asked for before, so that
  /// growing supports do not gather their atoms anew in every step.
  private func projector(for count: Int, _ known: consuming Projector?) -> Projector {
    let capacity = known?.capacity ?? 0
    if capacity >= count, let known { return known }
    return Projector(problem, capacity: min(max(count, 2 * capacity), problem.columns))
  }

  /// ‖AD‖₂² to about a hundredth, computed once: some ten passes over A.
  public func squaredSpectralNorm() throws(RecoveryError) -> Double {
    if let spectralNormSquare { return spectralNormSquare }
    let longest = problem.atoms.largestNorm
    let (value, passes) = try engine.squaredSpectralNorm(
      problem.atoms.transform, least: longest * longest)
    matrixPasses += passes
    spectralNormSquare = value
    return value
  }

  /// Aᵀy on the engine, of every observation, computed once: one pass over A. Under another loss than least squares
  /// the negative gradient at x = 0, which Aᵀy is.
  func observationCorrelations() throws(RecoveryError) -> [EngineVector] {
    if !observationVectors.isEmpty { return observationVectors }
    let vectors = try makeCorrelations()
    let passes = matrixPasses
    try correlate(nullModel().residual, into: vectors)
    if knowsObservation { matrixPasses = passes }
    knowsObservation = true
    observationVectors = vectors
    return vectors
  }

  /// z ← D Aᵀ r in every plane of z: one pass over A for as many as the engine takes at once.
  func correlate(_ r: [Double], into z: [EngineVector]) throws(RecoveryError) {
    while residualVectors.count < z.count {
      residualVectors.append(try engine.makeVector(.residual))
    }
    if z.count == 1 {
      try engine.write(problem.atoms.pulledBack(r), to: residualVectors[0])
      try engine.correlate(residualVectors[0], into: z[0])
    } else {
      let residuals = Array(residualVectors.prefix(z.count))
      try engine.write(
        z.indices.map { problem.atoms.pulledBack(r.part($0, of: z.count)) }, to: residuals)
      try engine.correlate(residuals, into: z)
    }
    matrixPasses += (z.count + engine.residualsInPass - 1) / engine.residualsInPass
  }

  /// A vector of n numbers on the engine for every plane.
  func makeCorrelations() throws(RecoveryError) -> [EngineVector] {
    var vectors: [EngineVector] = []
    for _ in 0..<problem.planes { vectors.append(try engine.makeVector(.correlation)) }
    return vectors
  }

  /// The numbers of vectors on the engine, plane after plane: b · n bytes each.
  func read(_ planes: [EngineVector]) throws(RecoveryError) -> [Double] {
    var numbers: [Double] = []
    for vector in planes { numbers += try engine.read(vector) }
    return numbers
  }

  /// So many times these, for what is not kept.
  func scratch(_ count: Int = 1) throws(RecoveryError) -> [EngineVector] {
    while scratchVectors.count < count * problem.planes { scratchVectors += try makeCorrelations() }
    return Array(scratchVectors.prefix(count * problem.planes))
  }
}
