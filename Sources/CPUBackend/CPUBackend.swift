import CCorrelation
import COpenBLAS
public import SparseCore

/// The processor: OpenBLAS for products of A with one vector, a kernel of our own for those with many residuals, and an
/// exact selection.
///
/// OpenBLAS keeps the number of its threads for the whole process. Here it is set to one: this
/// backend splits A over threads itself, in blocks that do not depend on their number, and the small
/// matrices of a projection are faster on one.
public struct CPUBackend: Backend {
  /// The processor, OpenBLAS with the name of its kernels, and the instructions of our own.
  public let identity: EngineIdentity
  /// How many threads share a product.
  package let threads: Int
  private let instructions: correlation_instructions

  /// Chooses the processor.
  ///
  /// - Parameter threads: how many threads share a product with A; nil for one a core.
  public init(threads: Int? = nil) {
    self.init(threads: threads, instructions: correlation_best())
  }

  /// The same with products of the instructions named, which the processor must have.
  init(threads: Int?, instructions: correlation_instructions) {
    OpenBLAS.runsOnOneThread
    self.threads = max(1, threads ?? AvailableCores.count)
    self.instructions = instructions
    identity = EngineIdentity(
      name: "cpu", device: Processor.modelName,
      library: "\(OpenBLAS.version), \(String(cString: correlation_name(instructions)))")
  }

  /// Works on A in place when it has the wanted precision, else on one converted copy; on a sparse matrix in double precision.
  /// A complex matrix is read once for both parts of a residual. An operator whose entries do not lie in memory multiplies
  /// itself.
  ///
  /// - Throws: ``RecoveryError/matrixTooLarge(rows:columns:)`` when columns lie further apart than
  ///   the 32-bit integers of BLAS can say, or ``RecoveryError/outOfMemory(bytes:)``.
  public func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    try atoms.requireRange(of: precision)
    if precision == .double, let matrix = atoms.operator as? SparseMatrix {
      return SparseEngine(matrix, scale: atoms.scale, threads: threads, identity: identity)
    }
    if let matrix = atoms.operator as? ComplexMatrix {
      return try loadParts(of: matrix, atoms, precision)
    }
    switch (precision, atoms.dense) {
    case (.double, nil):
      return OperatorEngine<Double>(atoms, threads: threads, identity: identity)
    case (.single, nil):
      return OperatorEngine<Float>(atoms, threads: threads, identity: identity)
    case (.double, .double(let matrix)):
      return try DenseEngine(
        matrix, scale: atoms.scale, threads: threads, identity: identity,
        instructions: instructions)
    case (.single, .single(let matrix)) where atoms.scale.allSatisfy({ Float($0).isFinite }):
      return try DenseEngine(
        matrix, scale: atoms.scale.map(Float.init), threads: threads, identity: identity,
        instructions: instructions)
    case (.double, .single):
      return try DenseEngine(
        Matrix<Double>(scaled: atoms), scale: nil, threads: threads, identity: identity,
        instructions: instructions)
    case (.single, _):
      return try DenseEngine(
        Matrix<Float>(scaled: atoms), scale: nil, threads: threads, identity: identity,
        instructions: instructions)
    }
  }
}

extension CPUBackend {
  /// A complex matrix, in place or in one converted copy.
  private func loadParts(
    of matrix: ComplexMatrix, _ atoms: Atoms, _ precision: Precision
  ) throws(RecoveryError) -> any Engine {
    func engine<Scalar: BLASScalar>(
      _ parts: Matrix<Scalar>, _ scale: [Scalar]
    ) throws(RecoveryError) -> any Engine {
      let parts = try DenseEngine(
        parts, scale: nil, threads: threads, identity: identity, instructions: instructions)
      return ComplexEngine(parts, scale: scale)
    }
    // Where the columns of a copy have the scale of the first part of each, the second differs by rounding.
    let rest = atoms.scale.indices.map { (j: Int) -> Double in
      let first = atoms.scale[j - j % 2]
      return first == 0 ? 0 : atoms.scale[j] / first
    }
    return switch (precision, matrix.parts) {
    case (.double, .double(let parts)): try engine(parts, atoms.scale)
    case (.single, .single(let parts)) where atoms.scale.allSatisfy({ Float($0).isFinite }):
      try engine(parts, atoms.scale.map(Float.init))
    case (.double, .single): try engine(Matrix<Double>(scaledParts: atoms), rest)
    case (.single, _): try engine(Matrix<Float>(scaledParts: atoms), rest.map(Float.init))
    }
  }

  /// The bytes of A that a second of passes covers, with as many residuals as a pass takes: a probe of some milliseconds.
  ///
  /// With 32 residuals a pass is bound by arithmetic, so that a matrix that stays in caches is as good as a large one: two
  /// blocks of columns for each thread, .4 MB together.
  ///
  /// - Throws: ``RecoveryError/outOfMemory(bytes:)``.
  package func passRate(_ precision: Precision) throws(RecoveryError) -> Double {
    let (rows, columns) = (512, 96 * threads)
    let matrix = try Matrix<Double>(rows: rows, columns: columns) { entries in
      for i in entries.indices { entries[i] = Double(i % 7) - 3 }
    }
    let engine = try load(Atoms(DenseMatrix.double(matrix)), precision: precision)
    var (residuals, correlations): ([EngineVector], [EngineVector]) = ([], [])
    for p in 0..<engine.residualsInPass {
      residuals.append(try engine.makeVector(.residual))
      correlations.append(try engine.makeVector(.correlation))
      try engine.write([Double](repeating: 1 / Double(p + 1), count: rows), to: residuals[p])
    }
    // The first wakes threads; of the others the fastest is the least disturbed.
    let clock = ContinuousClock()
    var least = Duration.seconds(600)
    for _ in 0..<4 {
      let begin = clock.now
      try engine.correlate(residuals, into: correlations)
      least = min(least, clock.now - begin)
    }
    return Double(rows * columns * precision.byteCount) / max(least / .seconds(1), 1e-9)
  }
}

extension Matrix {
  /// A copy of the atoms in this precision. Scaled before it is rounded, so that a column of very
  /// large or small numbers survives the conversion to single precision.
  fileprivate init(scaled atoms: Atoms) throws(RecoveryError) {
    try self.init(rows: atoms.rows, columns: atoms.columns) {
      (target) throws(RecoveryError) in
      guard let start = target.baseAddress else { return }
      for j in 0..<atoms.columns { try atoms.copyStoredColumn(j, to: start + j * atoms.rows) }
    }
  }

  /// The same of the parts of a complex matrix: every second column of its real form.
  fileprivate init(scaledParts atoms: Atoms) throws(RecoveryError) {
    try self.init(rows: atoms.rows, columns: atoms.columns / 2) {
      (target) throws(RecoveryError) in
      guard let start = target.baseAddress else { return }
      for j in 0..<atoms.columns / 2 {
        try atoms.copyStoredColumn(2 * j, to: start + j * atoms.rows)
      }
    }
  }
}
