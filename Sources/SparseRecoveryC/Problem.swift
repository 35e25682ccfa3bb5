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

  /// - Parameter linearOperator: the real form of A where numbers are complex.
  init(
    _ linearOperator: any LinearOperator, _ settings: ProblemSettings, notices: [String] = []
  ) throws(RecoveryError) {
    self.settings = settings
    self.notices = notices
    // Before a vector of zeros is made for what says that it has rows.
    let (m, n) = (linearOperator.rows, linearOperator.columns)
    guard m <= Int32.max, n <= Int32.max else { throw .matrixTooLarge(rows: m, columns: n) }
    let bytes = m * MemoryLayout<Double>.size
    guard bytes <= AvailableMemory.bytes else { throw .outOfMemory(bytes: bytes) }
    do throws(RecoveryError) {
      stated = try RecoveryProblem(
        linearOperator, observation: [Double](repeating: 0, count: m),
        normalize: settings.normalizes,
        model: settings.isComplex
          ? settings.model.realForm(rows: m / 2, columns: n / 2) : settings.model,
        loss: settings.statedLoss())
    } catch {
      throw settings.isComplex ? error.ofComplexMatrix : error
    }
    let suitsReduction = Reduction.suits(stated, settings.reduction)
    mayBeReduced = suitsReduction || settings.reduction == .on
    backend = try settings.backend.backend()
    // Loaded now, so that what the device has to say is said here; but not what a reduction would
    // make useless.
    if !suitsReduction { _ = try loadedEngine() }
  }

  /// What the library throws, as an error of a call, which counts rows and columns as C does.
  func recovering<Result>(
    _ body: () throws(RecoveryError) -> Result
  ) throws(CallError) -> Result {
    do throws(RecoveryError) { return try body() } catch {
      throw .recovery(settings.isComplex ? error.ofComplexMatrix : error)
    }
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
///
/// - Parameter source: answers with A, or its real form, and may set what a file says of its numbers.
private func make(
  _ target: UnsafeMutablePointer<OpaquePointer?>?, _ options: OpaquePointer?,
  _ source: (inout ProblemSettings) throws(CallError) -> (any LinearOperator, notices: [String])
) -> Int32 {
  status { () throws(CallError) in
    guard let target else { throw .null("problem") }
    var settings = try recovering { () throws(RecoveryError) in
      try ProblemSettings(Options.of(options))
    }
    let (linearOperator, notices) = try source(&settings)
    target.pointee = handle(
      try recovering { () throws(RecoveryError) in
        try Problem(linearOperator, settings, notices: notices)
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
  make(problem, options) { (settings) throws(CallError) in
    guard settings.isComplex else {
      return (try borrowed(matrix, numberSize, rows, columns, leadingDimension), [])
    }
    guard rows <= Int64(Int32.max), leadingDimension <= Int64(Int32.max) else {
      throw .recovery(.matrixTooLarge(rows: Int(rows), columns: Int(columns)))
    }
    let parts = try borrowed(
      matrix, numberSize, rows, columns, leadingDimension, parts: 2)
    return (
      try recovering { () throws(RecoveryError) in try ComplexMatrix(parts: parts) }, []
    )
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_of_sparse(
  _ rows: Int64, _ columns: Int64, _ starts: UnsafePointer<Int64>?,
  _ rowIndices: UnsafePointer<Int64>?, _ values: UnsafePointer<Double>?, _ options: OpaquePointer?,
  _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  make(problem, options) { (settings) throws(CallError) in
    guard rows > 0, columns > 0 else {
      throw .recovery(.emptyMatrix(rows: Int(rows), columns: Int(columns)))
    }
    guard let starts else { throw .null("starts") }
    let count = starts[Int(columns)]
    guard count >= 0 else { throw .argument("starts", "\(count)", "numbers of at least 0") }
    guard count == 0 || rowIndices != nil else { throw .null("row_indices") }
    guard count == 0 || values != nil else { throw .null("values") }
    let (m, n) = (Int(rows), Int(columns))
    let begins = UnsafeBufferPointer(start: starts, count: n + 1).map { Int($0) }
    let places = UnsafeBufferPointer(start: rowIndices, count: Int(count)).map { Int($0) }
    let parts = settings.isComplex ? 2 : 1
    let numbers = Array(UnsafeBufferPointer(start: values, count: parts * Int(count)))
    let matrix = try recovering { () throws(RecoveryError) in
      settings.isComplex
        ? try SparseMatrix(
          complexRows: m, columns: n, starts: begins, rowIndices: places, parts: numbers)
        : try SparseMatrix(
          rows: m, columns: n, starts: begins, rowIndices: places, values: numbers)
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
  make(problem, options) { (settings) throws(CallError) in
    guard let path else { throw .null("path") }
    let file = String(cString: path)
    let complex = try filing { () throws(FileError) in
      try MatrixFile.complexReading(MatrixFile.open(file))
    }
    if let complex {
      settings.isComplex = true
      let matrix = try filing { () throws(FileError) in try complex.complexMatrix() }
      return (matrix, complex.notices)
    }
    // One that is to be complex is a copy with imaginary parts.
    if !settings.isComplex {
      let sparse = try filing { () throws(FileError) in
        try MatrixFile.sparseReading(MatrixFile.open(file))
      }
      if let sparse { return (sparse.contents, sparse.notices) }
    }
    let reading = try filing { () throws(FileError) in
      try MatrixFile.reading(file, header: settings.hasHeader)
    }
    guard settings.isComplex else { return (reading.contents, reading.notices) }
    return (
      try recovering { () throws(RecoveryError) in try ComplexMatrix(real: reading.contents) },
      reading.notices
    )
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_of_operator(
  _ linearOperator: UnsafePointer<sr_operator>?, _ options: OpaquePointer?,
  _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  make(problem, options) { (settings) throws(CallError) in
    guard let linearOperator else { throw .null("operator") }
    return (try CallbackOperator(linearOperator, isComplex: settings.isComplex), [])
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_rows(_ problem: OpaquePointer?) -> Int64 {
  problem.map { Int64(object($0, as: Problem.self).stated.givenRows) } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_columns(_ problem: OpaquePointer?) -> Int64 {
  problem.map { Int64(object($0, as: Problem.self).stated.givenColumns) } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_is_complex(_ problem: OpaquePointer?) -> Int32 {
  problem.map { object($0, as: Problem.self).settings.isComplex ? 1 : 0 } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_problem_destroy(_ problem: OpaquePointer?) { release(problem, as: Problem.self) }
