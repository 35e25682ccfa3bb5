public import CSparseRecovery
import Glibc
import Solvers
import SparseCore
import SparseRecovery

/// A on a backend, with what solves on it share.
///
/// C hands it to any thread: all that changes is behind the lock.
final class Problem {
  /// The problem with zeros for an observation, which every loss takes.
  let stated: RecoveryProblem
  let settings: ProblemSettings
  /// What was guessed to read a file, a line each.
  let notices: [String]
  /// Whether solves are to ask for a reduction: small problems spare themselves the question.
  let mayBeReduced: Bool

  private let lock = SolveLock()
  private var backend: FallbackBackend
  private var engine: (any Engine)?
  private var workspaces: [GramUse: Workspace] = [:]

  init(
    _ linearOperator: any LinearOperator, _ options: Options, notices: [String] = []
  ) throws(RecoveryError) {
    var settings = ProblemSettings()
    let others = try options.apply(to: &settings)
    try options.requireLists(of: ProblemSettings.self)
    if let (name, _) = others.first {
      throw .invalidOption(
        name: "option", value: name, expected: "none of that name for a problem")
    }
    self.settings = settings
    self.notices = notices
    // Before a vector of zeros is made for what says that it has rows.
    let (m, n) = (linearOperator.rows, linearOperator.columns)
    guard m <= Int32.max, n <= Int32.max else { throw .matrixTooLarge(rows: m, columns: n) }
    let bytes = m * MemoryLayout<Double>.size
    guard bytes <= AvailableMemory.bytes else { throw .outOfMemory(bytes: bytes) }
    stated = try RecoveryProblem(
      linearOperator, observation: [Double](repeating: 0, count: linearOperator.rows),
      normalize: settings.normalizes, model: settings.model, loss: settings.statedLoss())
    let suitsReduction = Reduction.suits(stated, settings.reduction)
    mayBeReduced = suitsReduction || settings.reduction == .on
    backend = try settings.backend.backend()
    // Loaded now, so that what the device has to say is said here; but not what a reduction would
    // make useless.
    if !suitsReduction { _ = try loadedEngine() }
  }

  /// - Throws: ``RecoveryError/usedAfterFork(what:)`` for an OpenCL device in a forked process, whose driver
  ///   would wait for threads that are not there; and what ``Backend/load(_:precision:)`` throws.
  private func loadedEngine() throws(RecoveryError) -> any Engine {
    if let engine {
      guard engine.identity.name != "opencl" || !lock.isForked else {
        throw .usedAfterFork(what: "OpenCL")
      }
      return engine
    }
    let loaded = try backend.load(stated.atoms, precision: settings.backend.precision)
    engine = loaded
    return loaded
  }

  /// Lends a workspace on the whole of A, or on what a reduction has left of it. Where a GPU that nobody
  /// named fails on the way, the processor takes its place for good, and `body` is called once more.
  ///
  /// - Returns: what `body` returns, and the warning for its solutions.
  func withWorkspace<Result>(
    _ reduced: RecoveryProblem?, _ use: GramUse, _ body: (Workspace) throws(RecoveryError) -> Result
  ) throws(RecoveryError) -> (Result, Warning?) {
    try lock.withLock { () throws(RecoveryError) in
      do throws(RecoveryError) {
        return (try body(try workspace(reduced, use)), nil)
      } catch {
        guard error.isOfDevice, let processor = backend.second else { throw error }
        backend = FallbackBackend(first: processor, second: nil)
        engine = nil
        workspaces = [:]
        return (
          try body(try workspace(reduced, use)), .engineReplaced(failure: error.description)
        )
      }
    }
  }

  /// Lends the backend, for what loads problems of its own.
  func withBackend<Result>(
    _ body: (any Backend) throws(RecoveryError) -> Result
  ) throws(RecoveryError) -> Result {
    try lock.withLock { () throws(RecoveryError) in try body(backend) }
  }

  private func workspace(
    _ reduced: RecoveryProblem?, _ use: GramUse
  ) throws(RecoveryError) -> Workspace {
    if let reduced {
      let engine = try backend.load(reduced.atoms, precision: settings.backend.precision)
      return Workspace(reduced, on: engine, gramMemory: settings.gramMemory, use: use)
    }
    let engine = try loadedEngine()
    if let known = workspaces[use] { return known }
    let made = Workspace(
      stated, on: engine, gramMemory: settings.gramMemory, use: use)
    workspaces[use] = made
    return made
  }
}

/// Lets one solve at a time through.
private final class SolveLock {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let maker = getpid()
  private var process = getpid()

  /// Whether this is another process than the one that made it.
  var isForked: Bool { getpid() != maker }

  init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    // So that a thread is told which waits for itself.
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ERRORCHECK))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Waits for the solves before.
  ///
  /// - Throws: ``RecoveryError/usedAfterFork(what:)`` in a process that was forked during a solve: nobody there
  ///   would end it; and ``RecoveryError/invalidOption(name:value:expected:)`` for what an observer asks of the
  ///   problem that is being solved, which would wait for itself.
  func withLock<Result>(
    _ body: () throws(RecoveryError) -> Result
  ) throws(RecoveryError) -> Result {
    let current = getpid()
    if current == process {
      guard pthread_mutex_lock(mutex) == 0 else {
        throw .invalidOption(
          name: "problem", value: "a solve by an observer of another one",
          expected: "one solve at a time")
      }
    } else {
      guard pthread_mutex_trylock(mutex) == 0 else {
        throw .usedAfterFork(what: "a problem that was being solved")
      }
      process = current
    }
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }
}

/// Makes a problem for a caller of C.
private func make(
  _ target: UnsafeMutablePointer<OpaquePointer?>?, _ options: OpaquePointer?,
  _ source: () throws(CallError) -> (any LinearOperator, notices: [String])
) -> Int32 {
  status { () throws(CallError) in
    guard let target else { throw .null("problem") }
    let (linearOperator, notices) = try source()
    target.pointee = handle(
      try recovering { () throws(RecoveryError) in
        try Problem(linearOperator, Options.of(options), notices: notices)
      })
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_create(
  _ matrix: UnsafeRawPointer?, _ numberSize: Int32, _ rows: Int64, _ columns: Int64,
  _ leadingDimension: Int64, _ options: OpaquePointer?,
  _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  make(problem, options) { () throws(CallError) in
    (try borrowed(matrix, numberSize, rows, columns, leadingDimension), [])
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_of_sparse(
  _ rows: Int64, _ columns: Int64, _ starts: UnsafePointer<Int64>?,
  _ rowIndices: UnsafePointer<Int64>?, _ values: UnsafePointer<Double>?, _ options: OpaquePointer?,
  _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  make(problem, options) { () throws(CallError) in
    guard rows > 0, columns > 0 else {
      throw .recovery(.emptyMatrix(rows: Int(rows), columns: Int(columns)))
    }
    guard let starts else { throw .null("starts") }
    let count = starts[Int(columns)]
    guard count >= 0 else { throw .argument("starts", "\(count)", "numbers of at least 0") }
    guard count == 0 || rowIndices != nil else { throw .null("row_indices") }
    guard count == 0 || values != nil else { throw .null("values") }
    let matrix = try recovering { () throws(RecoveryError) in
      try SparseMatrix(
        rows: Int(rows), columns: Int(columns),
        starts: UnsafeBufferPointer(start: starts, count: Int(columns) + 1).map { Int($0) },
        rowIndices: UnsafeBufferPointer(start: rowIndices, count: Int(count)).map { Int($0) },
        values: Array(UnsafeBufferPointer(start: values, count: Int(count))))
    }
    return (matrix, [])
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_open(
  _ path: UnsafePointer<CChar>?, _ options: OpaquePointer?,
  _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  make(problem, options) { () throws(CallError) in
    guard let path else { throw .null("path") }
    var settings = ProblemSettings()
    _ = try recovering { () throws(RecoveryError) in try Options.of(options).apply(to: &settings) }
    let file = String(cString: path)
    let sparse = try filing { () throws(FileError) in
      try MatrixFile.sparseReading(MatrixFile.open(file))
    }
    if let sparse { return (sparse.contents, sparse.notices) }
    let reading = try filing { () throws(FileError) in
      try MatrixFile.reading(file, header: settings.hasHeader)
    }
    return (reading.contents, reading.notices)
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_of_operator(
  _ linearOperator: UnsafePointer<sr_operator>?, _ options: OpaquePointer?,
  _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  make(problem, options) { () throws(CallError) in
    guard let linearOperator else { throw .null("operator") }
    return (try CallbackOperator(linearOperator), [])
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_rows(_ problem: OpaquePointer?) -> Int64 {
  problem.map { Int64(object($0, as: Problem.self).stated.rows) } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_columns(_ problem: OpaquePointer?) -> Int64 {
  problem.map { Int64(object($0, as: Problem.self).stated.columns) } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_destroy(_ problem: OpaquePointer?) { release(problem, as: Problem.self) }
