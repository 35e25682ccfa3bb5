public import SparseCore

/// Approximate message passing: Donoho, Maleki and Montanari 2009, doi:10.1073/pnas.0909892106.
///
/// A gradient step, the posterior mean of every coefficient by itself, and a residual that remembers the
/// one before, so that errors stay like independent noise of known variance. For incoherent columns; on
/// others it diverges, and says so.
public struct AMP: IterativeSolver {
  /// `amp`.
  public static let name = "amp"

  /// It does, on principal axes of the observations.
  public var recoversJointly: Bool { true }

  /// When to stop before the runs end. An iteration counts whether it names a support or not.
  public var limits: Limits

  /// Message passing within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Where the runs stand.
  public struct State: IterationState {
    /// The run under way.
    var run: AMPRun
    /// How many runs ended.
    var number = 0
    /// The least noise of a run, relative to ‖y‖² / m.
    var least = Double.infinity

    fileprivate init(_ run: AMPRun) { self.run = run }

    /// Writes all of it.
    public func write(to writer: inout StateWriter) {
      writer.write(number)
      writer.write(least)
      run.write(to: &writer)
    }

    /// Reads all of it. Where the columns were centred, that is computed again: a pass over A.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      number = try reader.int(in: 0...AMP.meanShares.count)
      least = try reader.double()
      var atoms = try UnitAtoms(reader.workspace)
      if number == AMP.meanShares.count {
        let centred = try atoms.centred()
        try reader.require(centred != nil)
        atoms = centred ?? atoms
      }
      run = try AMPRun(atoms, from: &reader)
    }
  }

  /// μ relative to the root of the mean square of the nonzeros, of the first run and of the second: most
  /// problems have coefficients away from zero, and those that have not are the second's.
  fileprivate static var meanShares: [Double] { [0.9, 0] }
  /// Noise relative to ‖y‖² / m that was never below: on five kinds of coherent columns it is 1.00, on
  /// Gaussian ones at most .87.
  private static var divergence: Double { 0.95 }

  /// Nothing, or one pass over A on the host where atoms are not normalised, and eight on the engine where weights are
  /// frequencies of more rows than columns.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    let atoms = try UnitAtoms(workspace)
    return State(try AMPRun(workspace, atoms, search.atomCount, meanShare: Self.meanShares[0]))
  }

  /// An iteration of one of two runs, and of one more without the means of the columns where both diverge:
  /// two passes over A, and a projection whenever the noise has fallen by 4.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if let step = try state.run.step() { return step }
    state.least =
      state.number < Self.meanShares.count ? min(state.least, state.run.noise) : state.run.noise
    state.number += 1
    let atoms = state.run.atoms
    if state.number < Self.meanShares.count {
      state.run = try AMPRun(
        workspace, atoms, search.atomCount, meanShare: Self.meanShares[state.number])
      return Step()
    }
    let isHealthy = state.least <= Self.divergence
    // Columns that share a direction are coherent, and need not be without it.
    if !isHealthy, state.number == Self.meanShares.count, let centred = try atoms.centred() {
      state.run = try AMPRun(workspace, centred, search.atomCount, meanShare: Self.meanShares[0])
      return Step()
    }
    var end = Step.end(isHealthy ? .converged : .stagnation)
    if !isHealthy { end.warnings = [.diverged(solver: Self.name)] }
    return end
  }
}

/// One run of approximate message passing from x = 0: r ← x + Aᵀz, x ← E[x | r],
/// z ← y − A x + z · n / m · (mean posterior variance) / τ, where τ = ‖z‖² / m is the variance of r about
/// the truth as long as the columns are incoherent. Of several observations each plane has a τ of its own, and what E[x | r]
/// knows of a row it knows from all of them.
///
/// The k largest of r are a candidate whenever τ has fallen by 4, and at the end where τ was smallest.
/// E[x | r] grows with r, so that it has the same k largest. Two passes over A an iteration.
struct AMPRun {
  let workspace: Workspace
  let atoms: UnitAtoms
  private let atomCount: Int
  /// The observations, without what the atoms leave out.
  private let y: PrincipalPlanes
  private let energy: Double
  /// m, or what stands for it (``UnitAtoms/rows``).
  private let rows: Double
  /// How many iterations may go by without a support to report.
  private let silence: Int

  /// What of an iteration comes next.
  private enum Part: Int {
    case judge, move, denoise, end
  }

  private var part = Part.judge
  private var t = 0
  private var prior: SparsePrior
  private var x: [Double]
  private var r: [Double]
  private var z: [Double]
  /// The least τ, summed over the planes, and the r that was there.
  private var best = Double.infinity
  private var bestScores: [Double]
  private var lastFall = 0
  /// The τ of the latest candidate.
  private var level: Double
  private var lastRecord = 0
  private var isRecorded = false

  /// At most so many iterations, and so many without a tangible fall of the noise. Where it finds the
  /// support at all, it takes some tens.
  private static var most: Int { 300 }
  private static var patience: Int { 40 }
  /// The prior is learned once the first iterations, which are far off, are over.
  private static var learnsFrom: Int { 4 }
  /// ‖z‖² relative to ‖y‖² from which on it will not come back.
  private static var divergence: Double { 1e6 }

  /// - Parameters:
  ///   - atoms: atoms of the problem.
  ///   - meanShare: μ / √(‖y‖² / k) of the prior to begin with.
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``, for several observations.
  init(
    _ workspace: Workspace, _ atoms: UnitAtoms, _ atomCount: Int, meanShare: Double
  ) throws(RecoveryError) {
    self.workspace = workspace
    self.atoms = atoms
    self.atomCount = atomCount
    let isOneSided = workspace.problem.model.isNonnegative
    y = try PrincipalPlanes(
      atoms.observed(workspace.problem.scaledPlanes), count: workspace.problem.planes)
    energy = y.energies.reduce(0, +)
    rows = atoms.rows
    // Supports are for the observer, which may want to stop: one for every 2²⁷ products.
    let size = max(1, workspace.problem.rows * workspace.problem.columns)
    silence = max(8, (1 << 26) / size)
    prior = SparsePrior(
      share: Double(atomCount) / Double(atoms.columns.count),
      meanSquares: y.energies.map { $0 / Double(atomCount) },
      meanShares: y.meanShares(meanShare, isOneSided: isOneSided), isOneSided: isOneSided)
    x = [Double](repeating: 0, count: atoms.columns.count * y.count)
    (r, z, bestScores) = (x, y.entries, x)
    level = energy / rows
    if energy == 0 { (best, isRecorded, part) = (level, true, .end) }
  }

  /// τ of each plane, at least what rounding leaves of ‖y‖² / m.
  private var τ: [Double] {
    (0..<y.count).map { max(z.part($0, of: y.count).squaredNorm, 1e-26 * energy) / rows }
  }

  /// The least noise τ relative to ‖y‖² / m.
  var noise: Double { energy > 0 ? best / energy * rows : 1 }

  /// An iteration up to its next candidate, or nil where the run is over.
  mutating func step() throws(RecoveryError) -> Step? {
    while true {
      switch part {
      case .judge:
        if let step = try judge() { return step }
      case .move:
        r = try atoms.correlate(z, planes: y.count)
        for i in r.indices { r[i] += x[i] }
        guard r.allSatisfy(\.isFinite) else {
          part = .end
          continue
        }
        part = .denoise
        // An answer at once: the largest correlations.
        if t == 0 { return try candidate(r) }
      case .denoise: try denoise()
      case .end:
        guard !isRecorded else { return nil }
        isRecorded = true
        return try candidate(bestScores)
      }
    }
  }

  /// Looks at τ, and ends the run or begins the next iteration.
  private mutating func judge() throws(RecoveryError) -> Step? {
    part = .end
    guard t < Self.most else { return nil }
    let noise = τ.reduce(0, +)
    guard noise * rows < Self.divergence * energy else { return nil }
    if noise < best {
      if noise < 0.99 * best { lastFall = t }
      (best, bestScores, isRecorded) = (noise, r, t == 0)
    }
    if noise > 1e-14 * energy / rows, t - lastFall <= Self.patience { part = .move }
    guard t > 0 else { return nil }
    guard noise <= level / 4 || t - lastRecord >= silence else { return .silent }
    (level, lastRecord) = (min(noise, level), t)
    isRecorded = isRecorded || noise == best
    return try candidate(r)
  }

  private mutating func denoise() throws(RecoveryError) {
    let noise = τ
    let moments = r.withUnsafeBufferPointer { r in
      x.withUnsafeMutableBufferPointer { x in
        x.baseAddress.map { prior.denoise(r, noise: noise, into: $0) } ?? .init(planes: [])
      }
    }
    if t >= Self.learnsFrom { prior.learn(moments) }
    let image = try atoms.synthesize(x, planes: y.count)
    let m = z.count / y.count
    for (l, plane) in moments.planes.enumerated() {
      let memory = Double(atoms.columns.count) * plane.variance / (noise[l] * rows)
      for i in l * m..<(l + 1) * m { z[i] = y.entries[i] - image[i] + memory * z[i] }
    }
    t += 1
    part = moments.change > 1e-20 * moments.squaredNorm ? .judge : .end
  }

  private func candidate(_ scores: [Double]) throws(RecoveryError) -> Step {
    let support = y.support(
      atomCount, of: scores, columns: atoms.columns,
      isNonnegative: workspace.problem.model.isNonnegative)
    return Step(try workspace.project(onto: support))
  }

  // MARK: As a checkpoint keeps it

  func write(to writer: inout StateWriter) {
    writer.write(part.rawValue)
    writer.write([t, lastFall, lastRecord])
    writer.write(prior.means + prior.variances + [level])
    writer.write(best)
    writer.write(isRecorded)
    for vector in [x, r, z, bestScores] { writer.write(vector) }
  }

  init(_ atoms: UnitAtoms, from reader: inout StateReader) throws(RecoveryError) {
    try self.init(reader.workspace, atoms, reader.atomCount, meanShare: 0)
    let part = Part(rawValue: try reader.int(in: 0...Part.end.rawValue))
    let times = try reader.ints(count: 3, in: 0...Self.most)
    let numbers = try reader.vector(2 * y.count + 1)
    (t, lastFall, lastRecord) = (times[0], times[1], times[2])
    level = numbers[2 * y.count]
    best = try reader.double()
    isRecorded = try reader.flag()
    x = try reader.vector(x.count)
    r = try reader.vector(r.count)
    z = try reader.vector(z.count)
    bestScores = try reader.vector(bestScores.count)
    let isPrior = prior.resume(
      means: Array(numbers[..<y.count]), variances: Array(numbers[y.count..<2 * y.count]))
    try reader.require(part != nil && isPrior && level >= 0 && best >= 0)
    self.part = part ?? .end
  }
}
