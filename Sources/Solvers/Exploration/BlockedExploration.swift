import LeastSquares
import SparseCore

/// SEA explored on a working set and verified in bulk: the same supports for a few passes over A.
///
/// Let Rᵗ = Σ_{s<t} (y − A xˢ). Then 𝒳ᵗ = 𝒳⁰ + η Aᵀ Rᵗ, and uᵗ = 𝒳ᵗ/η = u⁰ + Aᵀ Rᵗ names the same
/// supports. A block takes a working set W, the atoms with the largest |u|, and iterates on W alone
/// with its Gram matrix. These are the supports of the plain algorithm for as long as no |u_j|
/// outside W reaches the smallest one selected; ``Verification`` proves that for all states of a
/// block from few products with A. What cannot be proved is rolled back, and the next block starts
/// there with the offenders in its working set. Of several observations all these are matrices with a column for each,
/// kept plane after plane, and the norms of the rows of u are what is selected by.
struct BlockedExploration: IterationState {
  private let workspace: Workspace
  private let sparsity: Int
  /// How many atoms a working set has.
  private let breadth: Int
  private var verification: Verification
  private var projector: Projector
  private var selection: LargestMagnitudes
  private var visited: VisitedSupports
  private var block: Block
  private var correlations: [Double] = []
  /// R at the start of the block; left as it is once the working set holds all atoms.
  private var total: [Double]
  /// u at the start of the block, for the atoms of the working set before.
  private var current: (atoms: [Int], u: [Double]) = ([], [])
  /// The next working set where it is known: else it follows from the block before.
  private var frontier: Verification.Frontier?
  /// The working set of the block before.
  private var atoms: [Int] = []
  /// How many passes of the verification the workspace knows of.
  private var countedPasses = 0
  private let longestBlock: Int
  private var blockLength: Int

  /// - Parameters:
  ///   - start: 𝒳⁰, or nil for zero.
  ///   - breadth: the size of working sets, or nil for one that suits the sparsity.
  init(
    _ workspace: Workspace, start: [EngineVector]?, _ η: Double, sparsity: Int,
    breadth: Int? = nil
  ) throws(RecoveryError) {
    let offset = try start.map { (start) throws(RecoveryError) in
      try workspace.read(start).map { $0 / η }
    }
    try self.init(workspace, offset: offset, sparsity: sparsity, breadth: breadth)
  }

  /// As above, from u⁰.
  init(
    _ workspace: Workspace, offset: [Double]?, sparsity: Int, breadth: Int? = nil
  ) throws(RecoveryError) {
    let problem = workspace.problem
    self.workspace = workspace
    self.sparsity = sparsity
    self.breadth = Self.breadth(breadth, problem, sparsity)
    verification = try Verification(workspace, offset: offset, breadth: self.breadth)
    projector = Projector(
      problem, capacity: self.breadth, threads: workspace.engine.threads)
    selection = LargestMagnitudes(sparsity)
    visited = VisitedSupports(
      breadth: self.breadth, sparsity: sparsity, planes: problem.planes)
    total = Array(repeating: 0, count: problem.rows * problem.planes)
    longestBlock = Self.longestBlock(problem, sparsity, self.breadth)
    block = Block(breadth: self.breadth, length: longestBlock, planes: problem.planes)
    blockLength = 1
  }

  /// Up to 256 states, as long as they take about a fifth of a second, after which somebody may want
  /// to stop. Not measured, so that a run can be repeated bit by bit.
  private static func longestBlock(
    _ problem: RecoveryProblem, _ sparsity: Int, _ breadth: Int
  ) -> Int {
    let (m, k) = (Double(problem.rows), Double(sparsity))
    // With signs some k projections on up to k atoms, which run at a twentieth of the rate of large products.
    let signs = problem.model.isNonnegative ? 20 * k * (k * k * k / 12 + m * k / 2) : 0
    let planes = Double(problem.planes)
    let flops = k * k * k / 3 + (2 * Double(breadth) * k + signs) * planes
    return Int(max(1, min(256, 4e9 / flops)))
  }

  /// Eight times the sparsity leaves room for some hundred iterations before an atom from outside
  /// catches up; less where gathered atoms take more than 32 MB and more than an eighth of A.
  static func breadth(_ wanted: Int?, _ problem: RecoveryProblem, _ sparsity: Int) -> Int {
    let room = max(2 * sparsity, (32 << 20) / (8 * problem.rows), problem.columns / 8)
    let breadth = wanted ?? min(max(8 * sparsity, 256), room)
    return min(max(breadth, sparsity), problem.atoms.usableColumns)
  }

  /// A block of iterations.
  mutating func step(_ search: Search) throws(RecoveryError) -> Step {
    let frontier =
      if let frontier { frontier } else if block.states.isEmpty {
        try verification.firstFrontier(sparsity: sparsity)
      } else {
        try nextFrontier()
      }
    self.frontier = nil
    let set = try projector.workingSet(frontier.atoms)
    if set.atoms != atoms {
      atoms = set.atoms
      visited.forget()
      correlations = Array(repeating: 0, count: atoms.count * workspace.problem.planes)
    }
    try explore(set, search)
    try verify(set, frontier)
    current = (set.atoms, Array(block.exploratory(block.states.count)))
    blockLength =
      block.isRolledBack
      ? max(1, min(block.states.count, blockLength / 2))
      : min((blockLength < 16 ? 4 : 2) * blockLength, longestBlock)
    return Step(
      block.states.map {
        Candidate($0.support, residualNorm: $0.residualNorm, method: $0.method)
      })
  }

  private func nextFrontier() throws(RecoveryError) -> Verification.Frontier {
    try verification.nextFrontier(after: block, atoms: atoms)
  }

  /// Proves the block, and moves R and u⁰ to its end. Where nothing is outside there is nothing to prove,
  /// and nobody asks for R.
  private mutating func verify(
    _ set: WorkingSet, _ frontier: Verification.Frontier
  ) throws(RecoveryError) {
    defer {
      workspace.matrixPasses += verification.passes - countedPasses
      countedPasses = verification.passes
    }
    guard set.atoms.count < workspace.problem.atoms.usableColumns else { return }
    // The same memory: nothing is gathered before R is known.
    let (projector, start) = (projector, total)
    let residuals = { (block: Block, states: [Int]) throws(RecoveryError) in
      try projector.residualSums(states.map { ($0, block.sum($0)) }, of: set, from: start)
    }
    let end = try verification.prove(
      &block, from: start.squaredNorm.squareRoot(), outside: frontier, residuals: residuals)
    let count = block.states.count
    total =
      if let end, block.lastNeeded == count { end } else { try residuals(block, [count])[0] }
    let problem = workspace.problem
    guard problem.model.ridge > 0 else { return }
    // u_j = u⁰_j + a_jᵀR − p_j C_j, where C_j changes only while j is in the working set.
    var offset =
      verification.offset ?? Array(repeating: 0, count: problem.columns * problem.planes)
    let penalties = projector.penalties(of: set)
    for (l, c) in problem.planes(of: Array(block.sum(count))).enumerated() {
      for (j, (p, c)) in zip(set.atoms, zip(penalties, c)) {
        offset[l * problem.columns + j] -= p * c
      }
    }
    try verification.setOffset(offset)
  }

  /// Iterates on the working set alone. Nothing is allocated in an iteration but the support, which
  /// observers may keep, and what QR, signs and several observations need.
  ///
  /// An iteration costs k³/3 flops for the factor and 8 · |W| · k bytes for the correlations, whatever m is;
  /// 8 · m · k bytes more where the support may be the best so far. The factor serves all observations, the rest is
  /// for each.
  private mutating func explore(
    _ set: WorkingSet, _ search: Search
  ) throws(RecoveryError) {
    var u = try startingPoint(set)
    var best = search.best?.residualNorm ?? .infinity
    block.restart(from: u)
    for _ in 0..<min(blockLength, search.iterationsLeft) {
      selection.select(from: scores(u))
      let positions = selection.positions
      let visit = try visit(positions, set)
      let fit = visited.fit(visit)
      // The best is chosen among norms that come from the columns, as if all did.
      let isClose = fit.leastNorm < best || search.isExplained(by: fit.leastNorm)
      let norm =
        isClose
        ? try visited.columnNorm(visit) { (c) throws(RecoveryError) in
          try projector.residualNorm(c, at: positions, of: set)
        }
        : fit.residualNorm
      best = min(best, norm)
      visited.addCorrelations(visit, to: &u)
      block.append(
        Block.State(
          support: positions.map { set.atoms[$0] }, threshold: selection.smallest,
          residualNorm: norm, method: fit.method),
        visited.coefficients(visit), at: positions, next: u)
      if search.isExplained(by: norm) { return block.finish() }
    }
  }

  /// Numbers whose magnitudes are the scores of u: of one observation without signs u itself, which is not copied.
  private func scores(_ u: [Double]) -> [Double] {
    let problem = workspace.problem
    return problem.model.isNonnegative || problem.planes > 1 ? verification.scores(u) : u
  }

  /// The projection and the correlations, remembered where the support was visited lately.
  private mutating func visit(
    _ positions: [Int], _ set: WorkingSet
  ) throws(RecoveryError) -> Int {
    if let visit = visited.visit(of: positions) { return visit }
    let fit = try projector.explore(positions, of: set, correlations: &correlations)
    return visited.remember(
      positions, fit, coefficients: projector.coefficients, correlations: correlations)
  }

  /// u_W = u⁰_W + A_Wᵀ R for atoms new to the working set: 8 · m bytes for each. The others go on where they were: what
  /// is exactly zero, because the atom was in every support so far, must stay so and tie.
  private func startingPoint(_ set: WorkingSet) throws(RecoveryError) -> [Double] {
    let place = Dictionary(uniqueKeysWithValues: zip(current.atoms, current.atoms.indices))
    let (planes, width) = (workspace.problem.planes, set.atoms.count)
    let new = set.atoms.indices.filter { place[set.atoms[$0]] == nil }
    // R is zero where nothing was explored yet.
    let correlations =
      current.atoms.isEmpty || new.isEmpty ? [] : try projector.correlate(total, with: set, at: new)
    var u = [Double](repeating: 0, count: width * planes)
    for l in 0..<planes {
      for (p, j) in set.atoms.enumerated() {
        if let known = place[j] { u[l * width + p] = current.u[l * current.atoms.count + known] }
      }
      for (i, p) in new.enumerated() {
        if !correlations.isEmpty { u[l * width + p] = correlations[l * new.count + i] }
        if let offset = verification.offset {
          u[l * width + p] += offset[l * workspace.problem.columns + set.atoms[p]]
        }
      }
    }
    return u
  }

  // MARK: As a checkpoint keeps it

  /// Writes R, u on the working set, the next working set, and what is gathered. The visits of the block
  /// before are left out: computed anew on the same arrangement, they have the same bits.
  func write(to writer: inout StateWriter) throws(RecoveryError) {
    let frontier = if let frontier { frontier } else { try nextFrontier() }
    writer.write(ifAny: verification.offset) { $0.write($1) }
    writer.write(total)
    writer.write(current.atoms)
    writer.write(current.u)
    writer.write(frontier.atoms)
    writer.write(frontier.bound)
    writer.write(blockLength)
    writer.write(ifAny: verification.growth) { $0.write($1) }
    writer.write(projector.arrangement)
  }

  /// Reads all that.
  init(from reader: inout StateReader) throws(RecoveryError) {
    let problem = reader.workspace.problem
    let (m, n, planes) = (problem.rows, problem.columns, problem.planes)
    let offset = try reader.optional { (reader) throws(RecoveryError) in
      try reader.vector(n * planes)
    }
    try self.init(reader.workspace, offset: offset, sparsity: reader.atomCount)
    total = try reader.vector(m * planes)
    let known = try reader.support(atMost: n)
    current = (known, try reader.vector(known.count * planes))
    let next = try reader.support(atMost: breadth)
    let bound = try reader.double()
    frontier = Verification.Frontier(atoms: next, bound: bound)
    blockLength = try reader.int(in: 1...256)
    let growth = try reader.optional { (reader) throws(RecoveryError) in try reader.double() }
    verification.growth = growth
    projector = try Projector(
      problem, capacity: breadth, threads: workspace.engine.threads,
      arrangement: reader.arrangement(atMost: breadth))
    try reader.require(
      next.count >= sparsity && bound >= 0 && bound.isFinite
        && (growth.map { $0 >= 0 && $0.isFinite } ?? true))
  }
}
