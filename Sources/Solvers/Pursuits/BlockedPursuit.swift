import LeastSquares
import SparseCore

/// OMP foreseen on a working set and verified in bulk: the same supports for a few passes over A.
///
/// The atoms most correlated with the residual, and the support, are the working set. On it the next
/// steps are taken on the host, as many as the engine takes residuals in a pass. One pass over A then
/// gives the correlations of all their residuals, and the engine selects from each the atom that
/// plain OMP would add. Steps stand as long as this is the atom foreseen; the first that is not is
/// put right, which costs no pass, and the steps after it are taken again. Each pass proves at least
/// one step.
struct BlockedPursuit<E: Engine> {
  private let loaded: LoadedProblem<E>
  private let sparsity: Int
  /// How many promising atoms a working set has beside the support.
  private let breadth: Int
  private let stepsInPass: Int
  private var projector: Projector
  private var residuals: [E.Vector] = []
  private var correlations: [E.Vector] = []

  /// - Parameter breadth: how many promising atoms to foresee steps with, or nil for as many as suit
  ///   the sparsity.
  init(
    _ loaded: LoadedProblem<E>, sparsity: Int, breadth: Int? = nil
  ) throws(RecoveryError) {
    let (problem, engine) = (loaded.problem, loaded.engine)
    self.loaded = loaded
    self.sparsity = sparsity
    self.breadth = min(
      breadth ?? Foresight.breadth(problem, sparsity: sparsity), problem.columns)
    let vectorBytes = problem.columns * engine.precision.byteCount
    stepsInPass = min(engine.residualsInPass, max((64 << 20) / vectorBytes, 2), sparsity)
    projector = Projector(problem, capacity: min(self.breadth + sparsity, problem.columns))
    for _ in 0..<stepsInPass {
      residuals.append(try engine.makeVector(problem.rows))
      correlations.append(try engine.makeVector(problem.columns))
    }
  }

  /// What the engine says about a residual.
  private struct Answer {
    /// The atom to add, or nil when no atom correlates with the residual.
    let atom: Int?
    /// The correlations, zero on the support.
    let correlations: E.Vector
  }

  /// Pursues until there is a reason to stop.
  mutating func run(
    _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    var x = Iterate(empty: loaded.problem)
    var answer = try self.answer(loaded.observationCorrelations())
    while let atom = answer.atom {
      let path = try foresee(x, adding: atom, promising(answer.correlations), search)
      // The first step is certain.
      if let stop = record(path[0], &search, observer) { return stop }
      let answers = try verify(path)
      var steps = 1
      while steps < path.count, let atom = answers[steps - 1].atom,
        path[steps].support.contains(atom)
      {
        if let stop = record(path[steps], &search, observer) { return stop }
        steps += 1
      }
      x = path[steps - 1]
      answer = answers[steps - 1]
    }
    return .residual
  }

  private func record(
    _ x: Iterate, _ search: inout Search, _ observer: Observer
  ) -> StopReason? {
    search.record(x, observer: observer) ?? (x.support.count == sparsity ? .iterations : nil)
  }

  /// The steps from x that plain OMP would take on the working set; the first adds `atom`.
  private mutating func foresee(
    _ x: Iterate, adding atom: Int, _ promising: [Int], _ search: Search
  ) throws(RecoveryError) -> [Iterate] {
    let atoms = Set(promising).union(x.support).union([atom]).sorted()
    let set = projector.workingSet(atoms)
    let places = Dictionary(uniqueKeysWithValues: zip(atoms, atoms.indices))
    var gradient = [Double](repeating: 0, count: atoms.count)
    var path: [Iterate] = []
    var support = x.support.inserting(atom)
    while true {
      let last = Iterate(
        support: support,
        projection: try projector.projection(
          onto: support.compactMap { places[$0] }, of: set, gradient: &gradient))
      path.append(last)
      let isLast =
        path.count == stepsInPass || support.count == sparsity
        || search.isExplained(by: last.residualNorm)
      let place = largestMagnitudes(1, of: gradient)[0]
      guard !isLast, gradient[place] != 0 else { return path }
      support = support.inserting(atoms[place])
    }
  }

  /// The correlations of all residuals of a path: one pass over A.
  private func verify(_ path: [Iterate]) throws(RecoveryError) -> [Answer] {
    let engine = loaded.engine
    // After the last step nothing is added.
    let open = path.filter { $0.support.count < sparsity }
    for (x, r) in zip(open, residuals) {
      try engine.write(loaded.problem.atoms.pulledBack(x.residual), to: r)
    }
    try engine.correlate(
      Array(residuals.prefix(open.count)), into: Array(correlations.prefix(open.count)))
    loaded.matrixPasses += 1
    var answers: [Answer] = []
    for (x, z) in zip(open, correlations) {
      try engine.clear(z, at: x.support)
      answers.append(try answer(z))
    }
    return answers
  }

  private func answer(_ z: E.Vector) throws(RecoveryError) -> Answer {
    let strongest = try loaded.engine.largest(1, of: z)
    return Answer(atom: strongest.values[0] == 0 ? nil : strongest.indices[0], correlations: z)
  }

  /// The atoms to foresee steps with.
  private func promising(_ z: E.Vector) throws(RecoveryError) -> [Int] {
    let selection = try loaded.engine.largest(breadth, of: z)
    return selection.indices.filter(loaded.problem.atoms.isUsable)
  }
}
