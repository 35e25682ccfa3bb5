import SparseRecovery

/// Measures every operation of one engine.
struct EngineBenchmark {
  let place: BenchmarkPlace
  let precision: Precision
  let options: BenchmarkOptions
  let problem: RecoveryProblem
  /// The support that the CPU finds in double precision.
  let expectedSupport: [Int]
  /// The speed of host memory in GB/s, the ceiling of the CPU backend.
  let hostRead: Double
  let streamBytes: Int

  private var m: Int { problem.rows }
  private var n: Int { problem.columns }
  private var k: Int { options.sparsity }
  private var b: Int { precision.byteCount }
  /// The bytes of a pass over A.
  private var passBytes: Int { place.atomBytes(precision) * m * n }
  private var stopwatch: Stopwatch {
    Stopwatch(repetitions: options.repetitions, totalSeconds: options.measuringTime)
  }

  /// Loads the atoms and measures.
  func rows() throws(RecoveryError) -> [BenchmarkRow] {
    func load() throws(RecoveryError) -> (engine: any Engine, seconds: Double) {
      let start = ContinuousClock.now
      let engine = try place.backend.load(problem.atoms, precision: precision)
      return (engine, seconds(since: start))
    }
    // One engine at a time: a device may have no room for two.
    let first = try load().seconds
    let second = try load().seconds
    let (engine, third) = try load()
    let loading = row(
      .load, BenchmarkShape(rows: m, columns: n, sparsity: k),
      Timing(
        firstCall: first, seconds: Quartiles(of: [second, third]), repetitions: 2,
        callsPerRepetition: 1),
      bytes: place.ceilingIsHost ? nil : passBytes)
    return [loading] + (try rows(on: engine))
  }

  private func rows(on engine: any Engine) throws(RecoveryError) -> [BenchmarkRow] {
    let one = try engine.makeVector(.numbers(1))
    func wait() throws(RecoveryError) { blackHole(try engine.read(one)) }

    let latencies = try latencies(engine, wait)
    let (stream, ceiling) = try stream(engine, wait)
    let z = try engine.makeVector(.correlation)
    let correlate = try options.residuals.map { count throws(RecoveryError) in
      try self.correlate(engine, residuals: count, into: z, ceiling: ceiling, wait)
    }
    let image = try engine.makeVector(.residual)
    let multiply = row(
      .multiply, BenchmarkShape(rows: m, columns: n),
      try stopwatch.time(wait: wait) { () throws(RecoveryError) in
        try engine.multiply(z, into: image)
      }, bytes: passBytes + b * (m + n), flops: 2 * m * n, ceiling: ceiling)
    let largest = row(
      .largest, BenchmarkShape(rows: n, columns: 1, sparsity: k),
      try stopwatch.time { () throws(RecoveryError) in
        blackHole(try engine.largest(k, of: z))
      }, bytes: b * n, ceiling: ceiling)
    return latencies + [stream, multiply] + correlate
      + [largest, try solve(engine, ceiling: ceiling)]
  }

  /// What an operation costs that moves next to nothing.
  private func latencies(
    _ engine: any Engine, _ wait: () throws(RecoveryError) -> Void
  ) throws(RecoveryError) -> [BenchmarkRow] {
    let (u, v) = (try engine.makeVector(.numbers(1)), try engine.makeVector(.numbers(1)))
    let r = try engine.makeVector(.residual)
    let one = BenchmarkShape(rows: 1, columns: 1)
    let launching = try stopwatch.time(wait: wait) { () throws(RecoveryError) in
      try engine.add(1, times: u, to: v)
    }
    let reading = try stopwatch.time { () throws(RecoveryError) in blackHole(try engine.read(v)) }
    let writing = try stopwatch.time { () throws(RecoveryError) in
      try engine.write(problem.scaledObservation, to: r)
      blackHole(try engine.read(v))
    }
    return [
      row(.launch, one, launching), row(.read, one, reading),
      row(.write, BenchmarkShape(rows: m, columns: 1), writing, bytes: b * m),
    ]
  }

  /// Correlates the observation so many times in one call; the first result goes to `z`.
  private func correlate(
    _ engine: any Engine, residuals count: Int, into z: EngineVector, ceiling: Double,
    _ wait: () throws(RecoveryError) -> Void
  ) throws(RecoveryError) -> BenchmarkRow {
    var (residuals, correlations) = ([EngineVector](), [z])
    for _ in 0..<count {
      residuals.append(try engine.makeVector(.residual))
      try engine.write(problem.scaledObservation, to: residuals[residuals.count - 1])
    }
    for _ in 1..<count { correlations.append(try engine.makeVector(.correlation)) }
    let timing = try stopwatch.time(wait: wait) { () throws(RecoveryError) in
      if count == 1 {
        try engine.correlate(residuals[0], into: z)
      } else {
        try engine.correlate(residuals, into: correlations)
      }
    }
    let passes = (count + engine.residualsInPass - 1) / engine.residualsInPass
    let error = try CorrelationError(problem, engine).ofBound(
      engine.read(correlations[count - 1]), residual: problem.scaledObservation)
    return row(
      .correlate, BenchmarkShape(rows: m, columns: n, residuals: count), timing,
      bytes: passes * passBytes + count * b * (m + n), flops: 2 * m * n * count,
      ceiling: ceiling, error: error)
  }

  /// What the engine streams, and with it the ceiling of this engine in GB/s: what it streams at
  /// best, or what the host reads at best.
  private func stream(
    _ engine: any Engine, _ wait: () throws(RecoveryError) -> Void
  ) throws(RecoveryError) -> (row: BenchmarkRow, ceiling: Double) {
    let count = min(max(1, min(streamBytes / 2, place.largestVector) / b), Int(Int32.max))
    let bytes = 3 * b * count
    let (u, v) = (try engine.makeVector(.numbers(count)), try engine.makeVector(.numbers(count)))
    try engine.write((0..<count).map { Double($0 % 1024) }, to: u)
    let timing = try stopwatch.time(wait: wait) { () throws(RecoveryError) in
      // So small that v stays far from the largest number, however often this runs.
      try engine.add(0x1p-30, times: u, to: v)
    }
    let ceiling = place.ceilingIsHost ? hostRead : Double(bytes) / timing.seconds.minimum * 1e-9
    let shape = BenchmarkShape(rows: count, columns: 1)
    return (
      row(.stream, shape, timing, bytes: bytes, flops: 2 * count, ceiling: ceiling), ceiling
    )
  }

  private func solve(
    _ engine: any Engine, ceiling: Double
  ) throws(RecoveryError) -> BenchmarkRow {
    let solver = SEA(options)
    var last: SparseSolution?
    let timing = try Stopwatch(
      repetitions: options.solveRepetitions, totalSeconds: options.measuringTime
    ).time { () throws(RecoveryError) in
      last = try solver.solve(problem, sparsity: k, with: engine) { _ in .proceed }
    }
    let facts = last.map {
      SolveFacts(
        iterations: $0.iterations,
        secondsPerIteration: timing.seconds.median / Double($0.iterations),
        matrixPasses: $0.matrixPasses, relativeResidual: $0.relativeResidual,
        supportAgreement: 1 - supportDistance($0.support, from: expectedSupport))
    }
    return row(
      .solve, BenchmarkShape(rows: m, columns: n, sparsity: k), timing,
      bytes: facts.map { $0.matrixPasses * passBytes }, ceiling: ceiling, solve: facts)
  }

  private func row(
    _ operation: BenchmarkOperation, _ shape: BenchmarkShape, _ timing: Timing, bytes: Int? = nil,
    flops: Int? = nil, ceiling: Double? = nil, error: Double? = nil, solve: SolveFacts? = nil
  ) -> BenchmarkRow {
    BenchmarkRow(
      operation: operation, engine: place.backend.identity, device: place.device,
      precision: precision, storage: place.storage, shape: shape, timing: timing, bytes: bytes,
      flops: flops, ceiling: ceiling, error: error, solve: solve)
  }
}

extension SEA {
  /// SEA from zero, where the step size has no effect, for exactly so many iterations unless the
  /// residual is zero.
  init(_ options: BenchmarkOptions) {
    var limits = Limits()
    limits.iterations = options.iterations
    limits.tolerance = 0
    self.init(gradient: options.gradient, limits: limits)
  }
}
