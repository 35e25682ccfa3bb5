import SparseCore

/// One run of approximate message passing from x = 0.
struct AMPRun<E: Engine> {
  let problem: LoadedProblem<E>
  let atoms: UnitAtoms<E>
  /// The observation, without what the atoms leave out.
  private let y: [Double]
  private let energy: Double
  private let rows: Double
  /// How many iterations may go by without a support to report.
  private let silence: Int

  /// At most so many iterations, and so many without a tangible fall of the noise. Where it finds the
  /// support at all, it takes some tens.
  private static var most: Int { 300 }
  private static var patience: Int { 40 }
  /// The prior is learned once the first iterations, which are far off, are over.
  private static var learnsFrom: Int { 4 }
  /// ‖z‖² relative to ‖y‖² from which on it will not come back.
  private static var divergence: Double { 1e6 }

  /// - Parameter atoms: atoms of `problem`.
  init(_ problem: LoadedProblem<E>, _ atoms: UnitAtoms<E>) {
    self.problem = problem
    self.atoms = atoms
    y = atoms.observed(problem.problem.scaledObservation)
    energy = y.squaredNorm
    rows = Double(problem.problem.presentRows)
    // Supports are for the observer, which may want to stop: one for every 2²⁷ products.
    let size = max(1, problem.problem.rows * problem.problem.columns)
    silence = max(8, (1 << 26) / size)
  }

  /// Why the whole search stops, or nil; and the least noise τ relative to ‖y‖² / m.
  typealias Outcome = (stop: StopReason?, noise: Double)

  /// r ← x + Aᵀz, x ← E[x | r], z ← y − A x + z · n / m · (mean posterior variance) / τ, where
  /// τ = ‖z‖² / m is the variance of r about the truth as long as the columns are incoherent.
  ///
  /// Records the k largest of r whenever τ has fallen by 4, and at the end where τ was smallest. E[x | r]
  /// grows with r, so that it has the same k largest. Two passes over A an iteration.
  ///
  /// - Parameter meanShare: μ / √(‖y‖² / k) of the prior to begin with.
  func callAsFunction(
    _ search: inout Search, meanShare: Double, observer: Observer
  ) throws(RecoveryError) -> Outcome {
    guard energy > 0 else { return (nil, 1) }
    let n = Double(atoms.columns.count)
    var prior = SparsePrior(
      share: Double(search.atomCount) / n, meanSquare: energy / Double(search.atomCount),
      meanShare: meanShare, isOneSided: problem.problem.model.isNonnegative)
    var x = [Double](repeating: 0, count: atoms.columns.count)
    var (r, z) = (x, y)
    var (best, bestScores, lastFall) = (Double.infinity, r, 0)
    var (level, lastRecord, isRecorded) = (energy / rows, 0, false)
    iterations: for t in 0..<Self.most {
      let noise = max(z.squaredNorm, 1e-26 * energy) / rows
      guard noise * rows < Self.divergence * energy else { break }
      if noise < best {
        if noise < 0.99 * best { lastFall = t }
        (best, bestScores, isRecorded) = (noise, r, t == 0)
      }
      if t > 0 {
        if noise <= level / 4 || t - lastRecord >= silence {
          (level, lastRecord) = (min(noise, level), t)
          isRecorded = isRecorded || noise == best
          if let stop = try record(r, &search, observer) { return (stop, best / energy * rows) }
        } else if let stop = search.advance() {
          return (stop, best / energy * rows)
        }
      }
      guard noise > 1e-14 * energy / rows, t - lastFall <= Self.patience else { break }
      r = try atoms.correlate(z)
      for i in r.indices {
        r[i] += x[i]
        guard r[i].isFinite else { break iterations }
      }
      // An answer at once: the largest correlations.
      if t == 0, let stop = try record(r, &search, observer) { return (stop, 1) }
      let moments = r.withUnsafeBufferPointer { r in
        x.withUnsafeMutableBufferPointer { x in
          x.baseAddress.map { prior.denoise(r, noise: noise, into: $0) } ?? .init()
        }
      }
      if t >= Self.learnsFrom { prior.learn(moments) }
      let image = try atoms.synthesize(x)
      let memory = n * moments.variance / (noise * rows)
      for i in z.indices { z[i] = y[i] - image[i] + memory * z[i] }
      guard moments.change > 1e-20 * moments.squaredNorm else { break }
    }
    let noise = best / energy * rows
    return (isRecorded ? nil : try record(bestScores, &search, observer), noise)
  }

  private func record(
    _ scores: [Double], _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason? {
    let support = leadingSupport(
      search.atomCount, of: scores, columns: atoms.columns,
      isNonnegative: problem.problem.model.isNonnegative)
    return search.record(try problem.project(onto: support), observer: observer)
  }
}
