import SparseRecovery

/// A row made into a problem: its numbers, its model, and what solves it.
struct Trial: Sendable {
  /// A solution with the place of its observation and the sparsity it was asked for.
  struct Found: Sendable {
    let observation: Int
    let sparsity: Int
    let solution: SparseSolution
  }

  let row: Row
  let table: Table
  let model: RecoveryModel
  /// That of the complex matrix, where the model is that of its real form.
  private let stated: RecoveryModel
  /// What is right, for every observation.
  let oracles: [Oracle]

  init(_ row: Row) { self.init(row, Table(row)) }

  /// With the numbers of a table that is not the row's.
  private init(_ row: Row, _ table: Table) {
    self.row = row
    var model = RecoveryModel()
    model.hasIntercept = row[Centre.self] == .intercept
    model.isStandardized = row[Centre.self] == .standardize
    model.ridge = row[Ridge.self].value
    model.isNonnegative = row[Signs.self] == .nonnegative
    model.weightsAreFrequencies = row[Weights.self] == .frequencies && table.weights != nil
    let n = table.columns.count / table.parts
    if row[Include.self] == .two { model.included = [1, n - 2] }
    if row[Exclude.self] == .some { model.excluded = n > 1 ? [0, 3] : [0] }
    if row[Groups.self] == .interleaved {
      let included = model.included
      model.columnGroups = (0..<n).map { included.contains($0) ? -7 : $0 % 5 }
    }
    self.table = table
    var stated = model
    stated.weights = table.weights.map { weights in
      stride(from: 0, to: weights.count, by: table.parts).map { weights[$0] }
    }
    self.stated = stated
    if table.parts == 2, let form = try? stated.realForm(rows: table.rows / 2, columns: n) {
      model = form
      // They come with the rows of weight zero.
      model.weights = nil
    }
    self.model = model
    let loss = row[Minimised.self]
    let other = loss == .squares ? nil : try? loss.loss
    oracles = table.observations.indices.map { Oracle(table, observation: $0, model, other) }
  }

  /// k.
  var sparsity: Int {
    switch row[Sparsity.self] {
    case .one: 1
    case .two: 2
    case .three: 3
    case .four: 4
    case .all: size(of: Array(table.columns.indices))
    case .included: includedSize
    }
  }

  /// How much of a sparsity these columns take: their number, or that of their groups.
  func size(of columns: [Int]) -> Int {
    model.columnGroups.map { groups in Set(columns.map { groups[$0] }).count } ?? columns.count
  }

  /// How much those included take.
  var includedSize: Int { size(of: model.included.sorted()) }

  /// Every choice of so many columns, or of whole groups of them, from those that may be selected.
  func supports(of count: Int, among usable: [Int]) -> [[Int]] {
    let units =
      model.columnGroups.map { groups in
        Dictionary(grouping: usable) { groups[$0] }.values.map { $0.sorted() }
      } ?? usable.map { [$0] }
    var supports: [[Int]] = []
    forEachSubset(count, of: Array(units.indices)) { chosen in
      supports.append(chosen.flatMap { units[$0] })
    }
    return supports
  }

  /// The sparsities of a path, none but what is included among them where k is small.
  var range: ClosedRange<Int> {
    min(max(sparsity - 2, includedSize), sparsity)...sparsity
  }

  /// Few enough for a minute in all; both ways to explore are in them.
  static var limits: Limits {
    var limits = Limits()
    limits.iterations = 60
    return limits
  }

  /// The problem of one observation.
  ///
  /// - Parameter plainly: whether its entries lie in memory whatever the row says.
  func problem(
    _ observation: Int = 0, withoutFill: Bool = false, plainly: Bool = false
  ) throws -> RecoveryProblem {
    if table.parts == 2 {
      _ = try stated.realForm(rows: table.rows / 2, columns: table.columns.count / 2)
    }
    return try table.problem(
      model, observation: observation, normalize: row[Lengths.self] == .unit,
      withoutFill: withoutFill, entries: plainly ? .memory : row[Entries.self],
      writing: row[Writing.self], loss: row[Minimised.self].loss)
  }

  /// The same with every row as often as its weight says, in the place of weights.
  func repeatingRows() -> Trial { Trial(row, table.repeated()) }

  /// Solves as the row says, or in the plainest way: the reference backend reads A in every iteration.
  func run(plainly: Bool = false, withoutFill: Bool = false) throws -> [Found] {
    let problem = try problem(withoutFill: withoutFill, plainly: plainly)
    let place: Place = plainly ? .reference : row[Place.self]
    let precision: Precision = plainly ? .double : row[Digits.self].precision
    let gradient: GradientWay = plainly ? .direct : row[GradientWay.self]
    let observations = try table.observations(
      withoutFill: withoutFill, entries: plainly ? .memory : row[Entries.self])
    if !plainly, row[Rows.self] == .reduced, sparsity > includedSize,
      let reduction = (try? Reduction(problem, observations: observations, .on)) ?? nil
    {
      let few = reduction.problem
      return try run(
        few, reduction.observations, gradient,
        on: place.backend().load(few.atoms, precision: precision), course: row[Course.self],
        includedCount: reduction.includedCount
      ).map {
        Found(
          observation: $0.observation, sparsity: $0.sparsity,
          solution: try reduction.solution($0.solution, of: $0.observation))
      }
    }
    let engine = try place.backend().load(problem.atoms, precision: precision)
    return try run(
      problem, observations, gradient, on: engine, course: plainly ? .whole : row[Course.self])
  }

  /// What the method makes of another problem of the same size, on the processor.
  func solutions(_ problem: RecoveryProblem) throws -> [SparseSolution] {
    let engine = try CPUBackend(threads: 1).load(problem.atoms, precision: .double)
    return try run(problem, [problem.observation], .auto, on: engine).map(\.solution)
  }

  private func run(
    _ problem: RecoveryProblem, _ observations: [[Double]], _ gradient: GradientWay,
    on engine: any Engine, course: Course = .whole, includedCount: Int = 0
  ) throws -> [Found] {
    let (k, range) = (
      sparsity - includedCount, range.lowerBound - includedCount...range.upperBound - includedCount
    )
    func numbered(_ solutions: [SparseSolution]) -> [Found] {
      solutions.enumerated().map {
        Found(observation: $0, sparsity: sparsity, solution: $1)
      }
    }
    func loaded() -> Workspace { Workspace(problem, on: engine) }
    if let joint = row[Method.self].jointSolver(Self.limits) {
      func solve(_ solver: some ResumableSolver) throws -> [SparseSolution] {
        try Self.run(course) {
          try solver.solve(loaded(), jointly: observations, sparsity: k, resuming: $0, keeper: $1)
        }
      }
      return numbered(try solve(joint))
    }
    if row[Method.self] == .path {
      return try observations.enumerated().flatMap { place, y in
        try Self.run(course) { checkpoint, keeper in
          try SparsityPath(limits: Self.limits).solve(
            loaded().observing(y), sparsities: range, resuming: checkpoint, keeper: keeper)
        }.points.map {
          Found(
            observation: place, sparsity: $0.sparsity + includedCount, solution: $0.solution)
        }
      }
    }
    let solver = try solver(gradient)
    guard observations.count > 1 else {
      func solve(_ solver: some ResumableSolver) throws -> SparseSolution {
        try Self.run(course) {
          try solver.solve(
            loaded(), sparsity: k, resuming: $0, keeper: $1, observer: { _ in .proceed })
        }
      }
      return numbered([try solve(solver)])
    }
    return numbered(
      try Self.run(course) {
        try solver.solve(
          loaded(), observations: observations, sparsity: k, resuming: $0, keeper: $1)
      })
  }

  /// A solve in one piece; or one that goes on from a checkpoint of its middle, read back from its words.
  private static func run<Checkpoint: SolverCheckpoint, Result>(
    _ course: Course, _ solve: (Checkpoint?, CheckpointKeeper<Checkpoint>?) throws -> Result
  ) throws -> Result {
    guard course == .resumed else { return try solve(nil, nil) }
    var kept: [Checkpoint] = []
    let whole = try solve(nil, CheckpointKeeper(isDue: { true }, keep: { kept.append($0) }))
    guard !kept.isEmpty else { return whole }
    return try kept[kept.count / 2].words.withUnsafeBytes { bytes in
      try solve(Checkpoint(bytes: bytes), nil)
    }
  }

  /// What another solver makes of one observation, at the place of the row.
  func solution(_ solver: some Solver, _ observation: Int) throws -> SparseSolution {
    try solver.solve(
      problem(observation), sparsity: sparsity, on: row[Place.self].backend(),
      precision: row[Digits.self].precision)
  }

  /// The supports that come next after a solution of the one observation.
  func alternatives(to solution: SparseSolution, count: Int) throws -> [SparseSolution] {
    let problem = try problem()
    let engine = try row[Place.self].backend().load(
      problem.atoms, precision: row[Digits.self].precision)
    let workspace = Workspace(problem, on: engine)
    var alternatives = Alternatives(count: count)
    _ = try solver(row[GradientWay.self]).solve(workspace, sparsity: sparsity) {
      alternatives.note($0)
      return .proceed
    }
    return try alternatives.besides(solution, workspace)
  }

  /// Columns to start from, those included left out: as many as can be selected, the last ones.
  var startSupport: [Int] {
    let usable = oracles[0].usable
    return Array(usable.suffix(max(0, min(sparsity - includedSize, usable.count))))
  }

  private func solver(_ gradient: GradientWay) throws -> any ResumableSolver {
    let (limits, start) = (Self.limits, row[Start.self])
    let omp = OMP(limits: limits)
    switch (row[Method.self].rawValue, start) {
    case ("sea", _): return sea(gradient)
    case ("omp", _):
      return OMP(gradient: OMP.Gradient(rawValue: gradient.rawValue) ?? .auto, limits: limits)
    case ("els", .omp): return ELS(start: .solver(omp), limits: limits)
    case ("els", .vector): return ELS(start: .support(startSupport), limits: limits)
    case ("ompr", .omp): return OMPR(start: omp, limits: limits)
    case ("splicing", .omp): return Splicing(start: omp, limits: limits)
    case ("portfolio", _):
      let search = row[Search.self]
      return Portfolio(
        effort: search == .quick ? .quick : .normal, rounds: search == .twoRounds ? 2 : nil,
        sea: sea(gradient), limits: limits)
    case (let name, _):
      guard let algorithm = Algorithm.named(name) else { throw UnknownMethod(name: name) }
      return algorithm.solver(limits)
    }
  }

  private func sea(_ gradient: GradientWay) -> SEA {
    let start: SEA.Start =
      switch row[Start.self] {
      case .own, .zero: .zero
      case .correlation: .correlation
      case .omp: .solver(OMP(limits: Self.limits))
      case .vector: .vector(startVector)
      }
    // Where atoms are stored roughly, so is the norm that a step size is relative to.
    let isRough = [.openclSingle, .openclHalf].contains(row[Place.self])
    return SEA(
      start: start, stepSize: isRough ? 1 : nil,
      gradient: SEA.Gradient(rawValue: gradient.rawValue) ?? .auto, limits: Self.limits)
  }

  private var startVector: [Double] {
    var x = [Double](repeating: 0, count: table.columns.count)
    for j in model.included { x[j] = 1 }
    for j in startSupport { x[j] = model.isNonnegative || j % 2 == 0 ? 1.5 : -1 }
    return x
  }
}

/// A method of the table that nothing answers to.
struct UnknownMethod: Error {
  let name: String
}
