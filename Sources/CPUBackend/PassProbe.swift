package import SparseCore

extension CPUBackend {
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
