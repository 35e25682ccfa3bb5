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
struct BlockedExploration: IterationState {
  private let workspace: Workspace
  private let sparsity: Int
  /// How many atoms a working set has.
  private let breadth: Int
  /// u⁰, or nil for zero.
  private let offset: [Double]?
  private var verification: Verification
  private var projector: Projector
  private var selection: LargestMagnitudes
  private var visited: VisitedSupports
  private var block: Block
  private var gradient: [Double] = []
  /// R at the start of the block.
  private var total: [Double]
  /// u at the start of the block, for the atoms of the working set before.
  private var current: [Int: Double] = [:]
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
    _ workspace: Workspace, start: EngineVector?, _ η: Double, sparsity: Int, breadth: Int? = nil
  ) throws(RecoveryError) {
    let offset = try start.map { (start) throws(RecoveryError) in
      try workspace.engine.read(start).map { -$0 / η }
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
    self.offset = offset
    self.breadth = Self.breadth(breadth, problem, sparsity)
    verification = try Verification(problem, workspace.engine, offset: offset)
    projector = Projector(problem, capacity: self.breadth)
    selection = LargestMagnitudes(sparsity)
    visited = VisitedSupports(rows: problem.rows, breadth: self.breadth, sparsity: sparsity)
    total = Array(repeating: 0, count: problem.rows)
    longestBlock = Self.longestBlock(problem, sparsity, self.breadth)
    block = Block(rows: problem.rows, breadth: self.breadth, length: longestBlock)
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
  static func breadth(_ wanted: Int?, _ problem: RecoveryProblem, _ sparsity: Int) -> Int {
    let room = max(2 * sparsity, (32 << 20) / (8 * problem.rows))
    let breadth = wanted ?? min(max(8 * sparsity, 256), room)
    return min(max(breadth, sparsity), problem.atoms.usableColumns)
  }

  /// A block of iterations.
  mutating func step(_ search: Search) throws(RecoveryError) -> Step {
    let frontier =
      if let frontier { frontier } else if block.states.isEmpty {
        try verification.firstFrontier(breadth, sparsity: sparsity)
      } else {
        try nextFrontier()
      }
    self.frontier = nil
    let set = try projector.workingSet(frontier.atoms)
    if set.atoms != atoms {
      atoms = set.atoms
      visited.forget()
      gradient = Array(repeating: 0, count: atoms.count)
    }
    try explore(set, search)
    try verification.prove(&block, from: total, outside: frontier)
    workspace.matrixPasses += verification.passes - countedPasses
    countedPasses = verification.passes
    total = zip(total, block.sum(block.states.count)).map { $0 + $1 }
    current = Dictionary(uniqueKeysWithValues: zip(set.atoms, block.end))
    blockLength =
      block.isRolledBack
      ? min(max(4, min(block.states.count, blockLength / 2)), longestBlock)
      : min(2 * blockLength, longestBlock)
    return Step(
      block.states.map {
        Candidate($0.support, residualNorm: $0.fit.residualNorm, method: $0.fit.method)
      })
  }

  private func nextFrontier() throws(RecoveryError) -> Verification.Frontier {
    try verification.nextFrontier(breadth, after: block, atoms: atoms)
  }

  /// Iterates on the working set alone. Nothing is allocated in an iteration but the support, which
  /// observers may keep, and what QR needs.
  private mutating func explore(
    _ set: WorkingSet, _ search: Search
  ) throws(RecoveryError) {
    var u = startingPoint(set)
    block.restart(breadth: u.count)
    for _ in 0..<min(blockLength, search.iterationsLeft) {
      selection.select(from: u)
      let visit = try visit(selection.positions, set)
      let fit = visited.fit(visit)
      block.append(
        Block.State(
          support: selection.positions.map { set.atoms[$0] }, threshold: selection.smallest,
          fit: fit),
        exploratory: u, residual: visited.residual(visit))
      if search.isExplained(by: fit.residualNorm) { return block.finish(u, isFinal: true) }
      visited.addGradient(visit, to: &u)
    }
    block.finish(u, isFinal: block.states.count == search.iterationsLeft)
  }

  /// The projection and the gradient, remembered where the support was visited lately.
  private mutating func visit(
    _ positions: [Int], _ set: WorkingSet
  ) throws(RecoveryError) -> Int {
    if let visit = visited.visit(of: positions) { return visit }
    let fit = try projector.project(onto: positions, of: set, gradient: &gradient)
    return visited.remember(positions, fit, residual: projector.residual, gradient: gradient)
  }

  /// u_W = u⁰_W + A_Wᵀ R for atoms new to the working set. The others go on where they were: what is
  /// exactly zero, because the atom was in every support so far, must stay so and tie.
  private mutating func startingPoint(_ set: WorkingSet) -> [Double] {
    var u = projector.correlate(total, with: set)
    for (p, j) in set.atoms.enumerated() {
      if let known = current[j] { u[p] = known } else if let offset { u[p] += offset[j] }
    }
    return u
  }

  // MARK: As a checkpoint keeps it

  /// Writes R, u on the working set, the next working set, and what is gathered. The visits of the block
  /// before are left out: computed anew on the same arrangement, they have the same bits.
  func write(to writer: inout StateWriter) throws(RecoveryError) {
    let frontier = if let frontier { frontier } else { try nextFrontier() }
    let known = current.sorted { $0.key < $1.key }
    writer.write(ifAny: offset) { $0.write($1) }
    writer.write(total)
    writer.write(known.map(\.key))
    writer.write(known.map(\.value))
    writer.write(frontier.atoms)
    writer.write(frontier.bound)
    writer.write(blockLength)
    writer.write(ifAny: verification.growth) { $0.write($1) }
    writer.write(projector.arrangement)
  }

  /// Reads all that.
  init(from reader: inout StateReader) throws(RecoveryError) {
    let problem = reader.workspace.problem
    let (m, n) = (problem.rows, problem.columns)
    let offset = try reader.optional { (reader) throws(RecoveryError) in try reader.vector(n) }
    try self.init(reader.workspace, offset: offset, sparsity: reader.atomCount)
    total = try reader.vector(m)
    let known = try reader.support(atMost: n)
    current = Dictionary(uniqueKeysWithValues: zip(known, try reader.vector(known.count)))
    let next = try reader.support(atMost: breadth)
    let bound = try reader.double()
    frontier = Verification.Frontier(atoms: next, bound: bound)
    blockLength = try reader.int(in: 1...256)
    let growth = try reader.optional { (reader) throws(RecoveryError) in try reader.double() }
    verification.growth = growth
    projector = try Projector(
      problem, capacity: breadth, arrangement: reader.arrangement(atMost: breadth))
    try reader.require(
      next.count >= sparsity && bound >= 0 && bound.isFinite
        && (growth.map { $0 >= 0 && $0.isFinite } ?? true))
  }
}
