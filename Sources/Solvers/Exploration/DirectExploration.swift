import SparseCore

/// Algorithm 1 of the paper, read plainly: the specification of the faster ways.
///
/// An iteration costs one gradient, O(n) for the selection and the update, and the projection on
/// the host. The gradient is one pass over A, b · m · n bytes, or b · n · (k + 2) bytes from cached
/// Gram columns; none when the support was visited lately.
struct DirectExploration: IterationState {
  /// What is remembered of a support.
  private typealias Visit = (residualNorm: Double, negativeGradient: [EngineVector])

  private let workspace: Workspace
  /// 𝒳, of length n in every plane.
  private let exploratory: [EngineVector]
  private let η: Double
  private var memory: SupportMemory<Visit>
  private let use: GramUse
  /// k: of atoms, or of groups.
  private let sparsity: Int
  /// The latest iterate, along whose gradient 𝒳 is yet to move.
  private var latest: Latest?

  private enum Latest {
    case point(Iterate)
    case remembered([Int], [EngineVector])
  }

  init(
    _ workspace: Workspace, _ exploratory: [EngineVector], _ η: Double, _ use: GramUse,
    _ search: Search
  ) {
    (self.workspace, self.exploratory, self.η) = (workspace, exploratory, η)
    (self.use, sparsity) = (use, search.groupCount)
    memory = SupportMemory(valueBytes: Self.gradientBytes(workspace))
    workspace.restartProjector(capacity: search.atomCount)
  }

  private static func gradientBytes(_ workspace: Workspace) -> Int {
    workspace.problem.planes * workspace.engine.columns * workspace.engine.precision.byteCount
  }

  /// An iteration.
  mutating func step() throws(RecoveryError) -> Step {
    try move()
    // Sᵗ ← largest_k(𝒳ᵗ)
    let support = try workspace.largest(sparsity, of: exploratory)
      .support(among: workspace.problem.atoms)
    if let known = memory.recall(support) {
      latest = .remembered(support, known.negativeGradient)
      return Step([Candidate(support, residualNorm: known.residualNorm)])
    }
    // xᵗ ← argmin ‖A x − y‖₂ over supp(x) ⊂ Sᵗ
    let x = try workspace.project(onto: support)
    latest = .point(x)
    return Step(x)
  }

  /// 𝒳ᵗ⁺¹ ← 𝒳ᵗ + η g
  private mutating func move() throws(RecoveryError) {
    let g: [EngineVector]
    switch latest {
    case nil: return
    case .remembered(_, let known): g = known
    case .point(let x):
      g = try negativeGradient(at: x)
      memory.remember(x.support, (x.residualNorm, g))
    }
    latest = nil
    for (g, u) in zip(g, exploratory) { try workspace.engine.add(η, times: g, to: u) }
  }

  /// g ← Aᵀ(y − A xᵗ), which vanishes on Sᵗ by optimality: set exactly, so that rounding does not drift.
  private mutating func negativeGradient(at x: Iterate) throws(RecoveryError) -> [EngineVector] {
    let g =
      if let (_, unused) = memory.makeRoom() { unused } else { try workspace.makeCorrelations() }
    try workspace.negativeGradient(at: x, into: g, use: use) { () throws(RecoveryError) in
      // What is near the threshold now is likely to be selected soon.
      try workspace.largest(min(2 * sparsity, workspace.problem.columns), of: exploratory).support
    }
    return g
  }

  // MARK: As a checkpoint keeps it

  /// Writes 𝒳, the gradients remembered, and the latest iterate.
  func write(to writer: inout StateWriter) throws(RecoveryError) {
    writer.write(try workspace.read(exploratory))
    writer.write(η)
    writer.write(use == .always)
    writer.write(memory.clock)
    writer.write(memory.entries.count)
    for (support, entry) in memory.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
      writer.write(support)
      writer.write(entry.value.residualNorm)
      writer.write(try workspace.read(entry.value.negativeGradient))
      writer.write(entry.lastUse)
    }
    switch latest {
    case nil: writer.write(0)
    case .point(let x):
      writer.write(1)
      writer.write(x)
    case .remembered(let support, _):
      writer.write(2)
      writer.write(support)
    }
  }

  /// Reads all that.
  init(from reader: inout StateReader) throws(RecoveryError) {
    let (workspace, k) = (reader.workspace, reader.atomCount)
    self.workspace = workspace
    sparsity = reader.groupCount
    memory = SupportMemory(valueBytes: Self.gradientBytes(workspace))
    exploratory = try reader.correlations()
    η = try reader.double()
    use = try reader.flag() ? .always : .never
    let clock = try reader.int(in: 0...(1 << 62))
    var entries: [[Int]: (value: Visit, lastUse: Int)] = [:]
    let visits = try reader.array { (reader) throws(RecoveryError) in
      let support = try reader.support(atMost: k)
      let norm = try reader.double()
      let gradient = try reader.correlations()
      entries[support] = ((norm, gradient), try reader.int(in: 0...clock))
      return norm
    }
    memory.restore(entries, clock: clock)
    switch try reader.int(in: 0...2) {
    case 1: latest = .point(try reader.iterate(atMost: k))
    case 2:
      let support = try reader.support(atMost: k)
      latest = entries[support].map { .remembered(support, $0.value.negativeGradient) }
      try reader.require(latest != nil)
    default: latest = nil
    }
    try reader.require(
      η > 0 && η.isFinite && entries.count == visits.count && visits.allSatisfy { $0 >= 0 })
  }
}

/// What is known about the supports visited lately; the one unused for longest makes way.
struct SupportMemory<Value> {
  private let capacity: Int
  private(set) var entries: [[Int]: (value: Value, lastUse: Int)] = [:]
  private(set) var clock = 0

  /// Room for as many values of `valueBytes` as fit into 8 MB, from 1 to 1024.
  init(valueBytes: Int) {
    capacity = min(max((8 << 20) / max(valueBytes, 1), 1), 1024)
  }

  /// Goes on with what another memory knew at its time `clock`.
  mutating func restore(_ entries: [[Int]: (value: Value, lastUse: Int)], clock: Int) {
    self.entries = entries
    self.clock = clock
  }

  /// What is known about `support`.
  mutating func recall(_ support: [Int]) -> Value? {
    clock += 1
    entries[support]?.lastUse = clock
    return entries[support]?.value
  }

  /// Once the memory is full, takes out the value unused for longest, to be written over.
  mutating func makeRoom() -> Value? {
    guard entries.count >= capacity,
      let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
    else { return nil }
    entries[oldest.key] = nil
    return oldest.value.value
  }

  /// Keeps a value, after ``makeRoom()``.
  mutating func remember(_ support: [Int], _ value: Value) {
    entries[support] = (value, clock)
  }
}
