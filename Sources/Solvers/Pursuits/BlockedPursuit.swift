import LeastSquares
public import SparseCore

/// OMP foreseen on a working set and verified in bulk: the same supports for a few passes over A.
///
/// The atoms most correlated with the residual, and the support, are the working set. On it the next
/// steps are taken on the host, as many as the engine takes residuals in a pass. One pass over A then
/// gives the correlations of all their residuals, and the engine selects from each the atom that
/// plain OMP would add. Steps stand as long as this is the atom foreseen; the first that is not is
/// put right, which costs no pass, and the steps after it are taken again. Each pass proves at least
/// one step.
public struct BlockedPursuit: IterationState {
  private let workspace: Workspace
  private let sparsity: Int
  /// How many promising atoms a working set has beside the support.
  private let breadth: Int
  private let stepsInPass: Int
  private var projector: Projector
  private var residuals: [EngineVector] = []
  private var correlations: [EngineVector] = []

  private var x: Iterate
  /// What the engine says about the residual at x.
  private var answer: Answer
  /// Steps foreseen from x, of which the first was taken and the others are to be verified.
  private var path: [Iterate] = []

  /// What the engine says about a residual.
  private struct Answer {
    /// The atom to add, or nil when no atom correlates with the residual.
    let atom: Int?
    /// The atoms to foresee steps with.
    let promising: [Int]
  }

  /// Begins at x = 0: one pass over A.
  ///
  /// - Parameter breadth: how many promising atoms to foresee steps with, or nil for as many as suit
  ///   the sparsity.
  init(
    _ workspace: Workspace, sparsity: Int, breadth: Int? = nil
  ) throws(RecoveryError) {
    let breadth = Self.breadth(breadth, workspace.problem, sparsity)
    self = try BlockedPursuit(
      workspace, sparsity: sparsity, breadth: breadth,
      Projector(
        workspace.problem, capacity: min(breadth + sparsity, workspace.problem.columns)))
    let z = try workspace.observationCorrelations()[0]
    answer = Answer(atom: try strongest(z), promising: try promising(z))
  }

  private static func breadth(_ breadth: Int?, _ problem: RecoveryProblem, _ sparsity: Int) -> Int {
    min(breadth ?? Foresight.breadth(problem, sparsity: sparsity), problem.columns)
  }

  private init(
    _ workspace: Workspace, sparsity: Int, breadth: Int, _ projector: Projector
  ) throws(RecoveryError) {
    let (problem, engine) = (workspace.problem, workspace.engine)
    self.workspace = workspace
    self.sparsity = sparsity
    self.breadth = breadth
    self.projector = projector
    let vectorBytes = problem.columns * engine.precision.byteCount
    stepsInPass = min(engine.residualsInPass, max((64 << 20) / vectorBytes, 2), sparsity)
    for _ in 0..<stepsInPass {
      residuals.append(try engine.makeVector(.residual))
      correlations.append(try engine.makeVector(.correlation))
    }
    x = Iterate(empty: problem)
    answer = Answer(atom: nil, promising: [])
  }

  /// The first of some steps foreseen, which is certain; or the others, as far as they stand: one pass over
  /// A.
  mutating func step(_ search: Search) throws(RecoveryError) -> Step {
    guard path.isEmpty else { return try verified() }
    guard let atom = answer.atom else { return .end(.residual) }
    path = try foresee(x, adding: atom, answer.promising, search)
    return taken([path[0]])
  }

  private mutating func verified() throws(RecoveryError) -> Step {
    let answers = try verify(path)
    var steps = 1
    var atom = answers.isEmpty ? nil : try strongest(answers[0])
    while steps < path.count, let next = atom, path[steps].support.contains(next) {
      steps += 1
      atom = steps <= answers.count ? try strongest(answers[steps - 1]) : nil
    }
    let found = Array(path[1..<steps])
    x = path[steps - 1]
    path = []
    answer =
      steps <= answers.count
      ? Answer(atom: atom, promising: try promising(answers[steps - 1]))
      : Answer(atom: nil, promising: [])
    return taken(found)
  }

  private func taken(_ points: [Iterate]) -> Step {
    Step(
      points.map { Candidate($0) },
      stop: points.last?.support.count == sparsity ? .iterations : nil)
  }

  /// The steps from x that plain OMP would take on the working set; the first adds `atom`.
  private mutating func foresee(
    _ x: Iterate, adding atom: Int, _ promising: [Int], _ search: Search
  ) throws(RecoveryError) -> [Iterate] {
    let atoms = Set(promising).union(x.support).union([atom]).sorted()
    let set = try projector.workingSet(atoms)
    let places = Dictionary(uniqueKeysWithValues: zip(atoms, atoms.indices))
    var correlations = [Double](repeating: 0, count: atoms.count)
    var path: [Iterate] = []
    var support = x.support.inserting(atom)
    while true {
      let last = Iterate(
        support: support,
        projection: try projector.projection(
          onto: support.compactMap { places[$0] }, of: set,
          correlations: &correlations))
      path.append(last)
      let isLast =
        path.count == stepsInPass || support.count == sparsity
        || search.isExplained(by: last.residualNorm)
      let place = largestMagnitudes(1, of: correlations)[0]
      guard !isLast, correlations[place] != 0 else { return path }
      support = support.inserting(atoms[place])
    }
  }

  /// The correlations of all residuals of a path, zero on its supports: one pass over A.
  private func verify(_ path: [Iterate]) throws(RecoveryError) -> [EngineVector] {
    let engine = workspace.engine
    // After the last step nothing is added.
    let open = path.filter { $0.support.count < sparsity }
    let (inputs, answers) = (
      Array(residuals.prefix(open.count)), Array(correlations.prefix(open.count))
    )
    try engine.write(open.map { workspace.problem.atoms.pulledBack($0.residual) }, to: inputs)
    try engine.correlate(inputs, into: answers)
    workspace.matrixPasses += 1
    for (x, z) in zip(open, answers) { try engine.clear(z, at: x.support) }
    return answers
  }

  /// The atom to add, or nil when no atom correlates with the residual.
  private func strongest(_ z: EngineVector) throws(RecoveryError) -> Int? {
    let strongest = try workspace.engine.largest(1, of: z)
    return strongest.values[0] == 0 ? nil : strongest.indices[0]
  }

  /// The atoms to foresee steps with.
  private func promising(_ z: EngineVector) throws(RecoveryError) -> [Int] {
    let selection = try workspace.engine.largest(breadth, of: z)
    return selection.indices.filter(workspace.problem.atoms.isUsable)
  }

  // MARK: As a checkpoint keeps it

  /// Writes the point, what is foreseen, and what is gathered.
  public func write(to writer: inout StateWriter) {
    writer.write(breadth)
    writer.write(projector.arrangement)
    writer.write(x)
    writer.write(ifAny: answer.atom) { $0.write($1) }
    writer.write(answer.promising)
    writer.write(path) { $0.write($1) }
  }

  /// Reads all that.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    let (workspace, k) = (reader.workspace, reader.atomCount)
    let (problem, columns) = (workspace.problem, workspace.problem.columns)
    let breadth = try reader.int(in: 1...columns)
    let capacity = min(breadth + k, columns)
    self = try BlockedPursuit(
      workspace, sparsity: k, breadth: breadth,
      Projector(
        problem, capacity: capacity, arrangement: reader.arrangement(atMost: capacity)))
    x = try reader.iterate(atMost: k)
    let atom = try reader.optional { (reader) throws(RecoveryError) in
      try reader.int(in: 0...columns - 1)
    }
    answer = Answer(atom: atom, promising: try reader.support(atMost: breadth))
    path = try reader.array { (reader) throws(RecoveryError) in try reader.iterate(atMost: k) }
    let isUsable = atom.map { problem.atoms.isUsable($0) && !x.support.contains($0) } ?? true
    try reader.require(isUsable && path.count <= stepsInPass)
  }
}

/// How many promising atoms the next steps of a pursuit are foreseen among.
enum Foresight {
  /// Twice the sparsity, at least 64, and no more than 32 MB of gathered atoms.
  ///
  /// Half as many took up to a fifth more passes at sparsities from 20 to 150; four times as many
  /// saved up to a third of them, and took longer to gather than that.
  static func breadth(_ problem: RecoveryProblem, sparsity: Int) -> Int {
    let room = max(sparsity, (32 << 20) / (8 * problem.rows))
    return min(max(2 * sparsity, 64), room, problem.columns)
  }
}
