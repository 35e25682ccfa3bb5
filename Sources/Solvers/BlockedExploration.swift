import LeastSquares
import SparseCore

/// SEA explored on a working set and verified in bulk: the same supports for a few passes over A.
///
/// Let Rᵗ = Σ_{s<t} (A xˢ − y). Then 𝒳ᵗ = 𝒳⁰ − η Aᵀ Rᵗ, and uᵗ = −𝒳ᵗ/η = u⁰ + Aᵀ Rᵗ names the same
/// supports. A block takes a working set W, the atoms with the largest |u|, and iterates on W alone
/// with its Gram matrix. These are the supports of the plain algorithm for as long as no |u_j|
/// outside W reaches the smallest one selected; ``Verification`` proves that for all states of a
/// block from few products with A. What cannot be proved is rolled back, and the next block starts
/// there with the offenders in its working set.
struct BlockedExploration<E: Engine> {
  private let sparsity: Int
  /// How many atoms a working set has.
  private let breadth: Int
  /// u⁰, or nil for zero.
  private let offset: [Double]?
  private var verification: Verification<E>
  private var projector: Projector
  private var memory: SupportMemory<Projection>
  /// R at the start of the block.
  private var total: [Double]
  /// u at the start of the block, for the atoms of the working set before.
  private var current: [Int: Double] = [:]
  private let longestBlock: Int
  private var blockLength: Int

  /// - Parameters:
  ///   - start: 𝒳⁰, or nil for zero.
  ///   - breadth: the size of working sets, or nil for one that suits the sparsity.
  init(
    _ problem: RecoveryProblem, _ engine: E, start: E.Vector?, _ η: Double, sparsity: Int,
    breadth: Int? = nil
  ) throws(RecoveryError) {
    self.sparsity = sparsity
    self.breadth = Self.breadth(breadth, problem, sparsity)
    offset = try start.map { (start) throws(RecoveryError) in
      try engine.read(start).map { -$0 / η }
    }
    verification = try Verification(problem, engine, offset: offset)
    projector = Projector(problem, capacity: self.breadth)
    memory = SupportMemory(valueBytes: 8 * (problem.rows + sparsity))
    total = Array(repeating: 0, count: problem.rows)
    longestBlock = Self.longestBlock(problem, sparsity, self.breadth)
    blockLength = min(8, longestBlock)
  }

  /// Up to 256 states, as long as they take at most 16 MB and about a tenth of a second, after which
  /// somebody may want to stop. Not measured, so that a run can be repeated bit by bit.
  private static func longestBlock(
    _ problem: RecoveryProblem, _ sparsity: Int, _ breadth: Int
  ) -> Int {
    let (m, k) = (Double(problem.rows), Double(sparsity))
    let flops = k * k * k / 3 + 2 * m * k + 2 * Double(breadth) * k
    let states = min(256, 1e9 / flops, 0x1p20 / m)
    return Int(max(1, states))
  }

  /// Eight times the sparsity leaves room for some hundred iterations before an atom from outside
  /// catches up; beyond 32 MB of gathered atoms, less.
  private static func breadth(_ wanted: Int?, _ problem: RecoveryProblem, _ sparsity: Int) -> Int {
    let room = max(2 * sparsity, (32 << 20) / (8 * problem.rows))
    let breadth = wanted ?? min(max(8 * sparsity, 256), room)
    return min(max(breadth, sparsity), problem.atoms.usableColumns)
  }

  /// Explores until there is a reason to stop.
  mutating func run(
    _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    let passesBefore = search.matrixPasses
    var frontier = try verification.firstFrontier(breadth, sparsity: sparsity)
    while true {
      let set = projector.workingSet(frontier.atoms)
      var block = Block(rows: total.count)
      try explore(set, search, &block)
      try verification.prove(&block, from: total, outside: frontier)
      search.matrixPasses = passesBefore + verification.passes
      for state in block.states {
        let stop = search.record(
          state.support, residualNorm: state.projection.residualNorm,
          method: state.projection.method, observer: observer)
        if let stop { return stop }
      }
      total = zip(total, block.sum(block.states.count)).map { $0 + $1 }
      current = Dictionary(uniqueKeysWithValues: zip(set.atoms, block.end))
      frontier = try verification.nextFrontier(breadth, after: block, atoms: set.atoms)
      blockLength =
        block.isRolledBack
        ? min(max(4, min(block.states.count, blockLength / 2)), longestBlock)
        : min(2 * blockLength, longestBlock)
    }
  }

  /// Iterates on the working set alone.
  private mutating func explore(
    _ set: WorkingSet, _ search: Search, _ block: inout Block
  ) throws(RecoveryError) {
    var u = startingPoint(set)
    for _ in 0..<min(blockLength, search.iterationsLeft) {
      let (positions, threshold) = largestMagnitudes(sparsity, of: u)
      let support = positions.map { set.atoms[$0] }
      let projection = try projection(onto: support)
      block.append(
        Block.State(
          support: support, threshold: threshold, exploratory: u, projection: projection))
      if search.isExplained(by: projection.residualNorm) { return block.isFinal = true }
      var gradient =
        projection.isGramAccurate
        ? set.gradient(projection.coefficients, at: positions)
        : projector.correlate(projection.residual, with: set)
      for p in positions { gradient[p] = 0 }
      for p in u.indices { u[p] += gradient[p] }
    }
    block.end = u
    block.isFinal = block.states.count == search.iterationsLeft
  }

  /// The projection, remembered where the support was visited lately.
  private mutating func projection(onto support: [Int]) throws(RecoveryError) -> Projection {
    if let remembered = memory.recall(support) { return remembered }
    let projection = try projector.project(onto: support)
    _ = memory.makeRoom()
    memory.remember(support, projection)
    return projection
  }

  /// u_W = u⁰_W + A_Wᵀ R for atoms new to the working set. The others go on where they were: what is
  /// exactly zero, because the atom was in every support so far, must stay so and tie.
  private func startingPoint(_ set: WorkingSet) -> [Double] {
    var u = projector.correlate(total, with: set)
    for (p, j) in set.atoms.enumerated() {
      if let known = current[j] { u[p] = known } else if let offset { u[p] += offset[j] }
    }
    return u
  }
}
