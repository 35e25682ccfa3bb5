public import SparseRecovery

/// What is measured on every engine, in this order.
public enum BenchmarkOperation: String, Sendable, Codable, CaseIterable {
  /// Putting A on the engine. The first call compiles what it needs; the others copy m · n numbers as
  /// they are stored.
  case load
  /// Starting one operation after another on a vector of one number.
  case launch
  /// One number from the engine, which waits for it.
  case read
  /// A residual to the engine, and the wait for it: b · m bytes.
  case write
  /// v ← v + α u on vectors larger than caches: 3 · b · count bytes. How fast the engine streams.
  case stream
  /// r ← A D v: b · (m · n + m + n) bytes.
  case multiply = "gemv"
  /// z_p ← D Aᵀ r_p for one residual or for several at once: b · (m + n) bytes a residual, and
  /// b · m · n for every pass over A that the engine needs.
  case correlate = "gemv-t"
  /// The k largest magnitudes of z: b · n bytes, what must be read at least.
  case largest = "top-k"
  /// SEA from zero for a fixed number of iterations: b · m · n bytes a pass over A.
  case solve
}

/// The sizes that an operation works on.
public struct BenchmarkShape: Equatable, Sendable, Codable {
  /// Rows of the matrix, or entries of the vector.
  public let rows: Int
  /// Columns of the matrix, 1 for a vector.
  public let columns: Int
  /// How many columns or entries are selected; nil where none are.
  public let sparsity: Int?
  /// How many residuals are correlated at once; nil for other operations.
  public let residuals: Int?

  /// Collects the sizes.
  package init(rows: Int, columns: Int, sparsity: Int? = nil, residuals: Int? = nil) {
    self.rows = rows
    self.columns = columns
    self.sparsity = sparsity
    self.residuals = residuals
  }
}

/// What one engine reached in one operation.
public struct BenchmarkRow: Equatable, Sendable, Codable {
  /// What was measured.
  public let operation: BenchmarkOperation
  /// The engine that did it.
  public let engine: EngineIdentity
  /// What the device behind the engine is.
  public let device: DeviceFacts
  /// The precision of the numbers.
  public let precision: Precision
  /// How precisely the atoms are stored.
  public let storage: AtomStorage
  /// The sizes.
  public let shape: BenchmarkShape
  /// The time of a call.
  public let timing: Timing
  /// The bytes that a call must move, by the formula of the operation; nil where there is none.
  public let bytes: Int?
  /// The additions and multiplications of a call; nil for what is not arithmetic.
  public let flops: Int?
  /// Bytes per median time, in GB/s (10⁹ bytes a second).
  public let gigabytesPerSecond: Double?
  /// Arithmetic per median time, in GFLOP/s (10⁹ operations a second).
  public let gigaflopsPerSecond: Double?
  /// The rate in GB/s that ``fractionOfCeiling`` compares with.
  public let ceiling: Double?
  /// This rate divided by that of the ceiling, both measured in the same run: what the host reads
  /// at best, for the CPU; what the engine streams at best, for OpenCL. More than 1 where caches hold
  /// what is read.
  public let fractionOfCeiling: Double?
  /// The largest error of the correlations with some atoms, divided by the bound on it; nil for other
  /// operations. See ``CorrelationError``.
  public let error: Double?
  /// What a solve found; nil for other operations.
  public let solve: SolveFacts?

  /// Derives the rates from the time.
  ///
  /// - Parameter ceiling: the rate to compare with, in GB/s.
  package init(
    operation: BenchmarkOperation, engine: EngineIdentity, device: DeviceFacts,
    precision: Precision, storage: AtomStorage = .full, shape: BenchmarkShape, timing: Timing,
    bytes: Int? = nil, flops: Int? = nil, ceiling: Double? = nil, error: Double? = nil,
    solve: SolveFacts? = nil
  ) {
    self.operation = operation
    self.engine = engine
    self.device = device
    self.precision = precision
    self.storage = storage
    self.shape = shape
    self.timing = timing
    self.bytes = bytes
    self.flops = flops
    self.ceiling = ceiling
    let median = timing.seconds.median
    func giga(_ count: Int) -> Double? { median > 0 ? Double(count) / median * 1e-9 : nil }
    let rate = bytes.flatMap(giga)
    gigabytesPerSecond = rate
    gigaflopsPerSecond = flops.flatMap(giga)
    fractionOfCeiling = rate.flatMap { rate in
      ceiling.flatMap { $0 > 0 ? rate / $0 : nil }
    }
    self.error = error
    self.solve = solve
  }
}

extension BenchmarkRow {
  /// The operation, with the residuals of a call where they are several: `gemv-t × 8`.
  package var title: String {
    guard let residuals = shape.residuals, residuals > 1 else { return operation.rawValue }
    return "\(operation.rawValue) × \(residuals)"
  }

  /// The precision, and how the atoms are stored where that is another: `double, atoms half`.
  package var numbers: String {
    storage == .full ? "\(precision)" : "\(precision), atoms \(storage)"
  }
}

/// What a solve did, and how its answer compares.
public struct SolveFacts: Equatable, Sendable, Codable {
  /// The supports evaluated, repeated ones included.
  public let iterations: Int
  /// The median time divided by the iterations.
  public let secondsPerIteration: Double
  /// How many times A was read from end to end.
  public let matrixPasses: Int
  /// ‖Ax − y‖₂ / ‖y‖₂ of the best support.
  public let relativeResidual: Double
  /// The part of the support that the CPU finds in double precision which this engine found too.
  public let supportAgreement: Double

  /// Collects the facts.
  package init(
    iterations: Int, secondsPerIteration: Double, matrixPasses: Int, relativeResidual: Double,
    supportAgreement: Double
  ) {
    self.iterations = iterations
    self.secondsPerIteration = secondsPerIteration
    self.matrixPasses = matrixPasses
    self.relativeResidual = relativeResidual
    self.supportAgreement = supportAgreement
  }
}
