import CPUBackend
import Glibc
import Losses
import Solvers
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

/// Other losses than least squares, against fits written out in plain loops.
@Suite struct LossTests {
  @Test func lossesConform() throws {
    let numbers = [-3.0, -0.2, 0, 0.4, 1, 7]
    try expectConformance(of: LogisticLoss(), observations: [0, 1, 1, 0, 1])
    for δ in [0.1, 1, 30] {
      try expectConformance(of: try HuberLoss(threshold: δ), observations: numbers)
    }
    try expectConformance(of: SquaredLoss(), observations: numbers)
    try expectConformance(of: PoissonLoss(), observations: [0, 1, 3, 40])
    try expectConformance(of: BoundedLogisticLoss(), observations: [0, 1, 1, 0, 1])
  }

  /// Every solver that minimises any loss, by its name.
  static let solvers: [any IterativeSolver] = Algorithm.all.map { $0.solver(Limits()) }
    .filter { $0.minimizesAnyLoss && !($0 is Exhaustive) }

  enum Kind: CaseIterable { case logistic, huber }
  enum Fitted: CaseIterable { case plain, regression, ridge, standardized, signs }

  static func problem(
    _ kind: Kind, _ fitted: Fitted, seed: UInt64
  ) throws -> (RecoveryProblem, LossSample) {
    let sample = try LossSample(rows: 40, columns: 8, seed: seed)
    var model = RecoveryModel()
    switch fitted {
    case .plain: break
    case .regression:
      model.hasIntercept = true
      model.included = [3]
      model.excluded = [6]
      model.weights = (0..<40).map { Double($0 % 4) / 2 }
    case .ridge:
      model.hasIntercept = true
      model.ridge = 0.7
    case .standardized:
      model.isStandardized = true
      model.included = [3]
      model.weights = (0..<40).map { 1 + Double($0 % 3) }
      model.ridge = 4
    case .signs:
      model.hasIntercept = true
      model.isNonnegative = true
      model.ridge = 0.2
    }
    let problem =
      switch kind {
      case .logistic:
        try RecoveryProblem(
          matrix: .double(sample.matrix), observation: sample.labels, model: model,
          loss: LogisticLoss())
      case .huber:
        try RecoveryProblem(
          matrix: .double(sample.matrix), observation: sample.numbers, model: model,
          loss: try HuberLoss(threshold: 1))
      }
    return (problem, sample)
  }

  /// All sets of the eight columns.
  static let subsets = (0..<1 << 8).map { (mask: Int) -> [Int] in
    (0..<8).filter { mask >> $0 & 1 == 1 }
  }

  /// The fit on columns as given, with the constant last where there is one; with signs the best of those on parts of the
  /// support that have none below zero.
  static func fit(
    _ support: [Int], _ problem: RecoveryProblem, _ sample: LossSample
  ) -> LiteralFit {
    let model = problem.model
    let weights = model.weights ?? Array(repeating: 1, count: problem.rows)
    let ones = model.fitsIntercept ? [[Double](repeating: 1, count: sample.matrix.rows)] : []
    func ridge(_ j: Int) -> Double {
      if model.included.contains(j) { return 0 }
      guard model.isStandardized else { return model.ridge }
      let (column, total) = (sample.column(j), weights.reduce(0, +))
      let mean = zip(weights, column).reduce(0) { $0 + $1.0 * $1.1 } / total
      let squares = zip(weights, column).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
      return model.ridge * squares / total
    }
    func fit(_ places: [Int]) -> LiteralFit {
      let own = places.map { support[$0] }
      return LiteralFit(
        problem.loss, own.map(sample.column) + ones, problem.observation, weights: weights,
        ridges: own.map(ridge) + ones.map { _ in 0 })
    }
    guard model.isNonnegative else { return fit(Array(support.indices)) }
    var best: (fit: LiteralFit, places: [Int])?
    for mask in 0..<1 << support.count {
      let places = support.indices.filter { mask >> $0 & 1 == 1 }
      let own = fit(places)
      if own.coefficients.prefix(places.count).allSatisfy({ $0 > 0 }),
        own.objective < best?.fit.objective ?? .infinity
      {
        best = (own, places)
      }
    }
    let (found, places) = best ?? (fit([]), [])
    return found.extended(to: support.count, at: places)
  }

  /// The answer is the minimum on its support, and no better than the best support there is.
  ///
  /// Both minimisers end where gradients are some 10⁻¹² of what they come from, so that losses agree but for
  /// rounding, and coefficients but for that over the least curvature, here above a hundredth.
  @Test(arguments: Kind.allCases, Fitted.allCases)
  func solversAgainstBruteForce(kind: Kind, fitted: Fitted) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let (problem, sample) = try Self.problem(kind, fitted, seed: seed)
      let k = 3
      let (included, excluded) = (problem.model.included, problem.model.excluded)
      let supports = Self.subsets.filter {
        $0.count == k && included.isSubset(of: $0) && excluded.isDisjoint(with: $0)
      }
      let least = supports.map { Self.fit($0, problem, sample).objective }.min() ?? 0
      for solver in Self.solvers as [any Solver] + [Portfolio()] {
        // Its points are no projections: refused with a ridge and with signs.
        if !problem.model.isPlain, solver is CoSaMP { continue }
        let solution = try solver.solve(problem, sparsity: k, on: CPUBackend())
        let fit = Self.fit(solution.support, problem, sample)
        #expect(abs(solution.loss - fit.value) <= 1e-10 * fit.value)
        let found = solution.coefficients + (solution.intercept.map { [$0] } ?? [])
        for (c, expected) in zip(found, fit.coefficients) { #expect(abs(c - expected) < 1e-8) }
        #expect(found.count == fit.coefficients.count)
        #expect(fit.objective >= least * (1 - 1e-10))
        #expect(!problem.model.isNonnegative || solution.coefficients.allSatisfy { $0 > 0 })
        #expect(included.isSubset(of: solution.support))
        #expect(excluded.isDisjoint(with: solution.support))
        #expect(solution.warnings.isEmpty)
      }
    }
  }

  /// The supports reported are ranked by the root of twice the loss, beside that of the null model.
  @Test(arguments: Kind.allCases, Fitted.allCases)
  func reportsAreLosses(kind: Kind, fitted: Fitted) throws {
    let (problem, sample) = try Self.problem(kind, fitted, seed: 5)
    let null = Self.fit(problem.model.included.sorted(), problem, sample).objective
    for solver in [SEA(), OMP()] as [any Solver] {
      _ = try solver.solve(problem, sparsity: 4, on: CPUBackend()) { report in
        let support = (report.support + problem.model.included).sorted()
        let expected = (Self.fit(support, problem, sample).objective / null).squareRoot()
        #expect(abs(report.relativeResidual - expected) <= 1e-10 * expected)
        #expect(report.projection == .newton || !report.isNew)
        return report.iteration < 20 ? .proceed : .stop
      }
    }
  }

  /// Newton's method makes of least squares what the projection does.
  @Test(arguments: Fitted.allCases) func newtonIsTheProjection(fitted: Fitted) throws {
    let (problem, sample) = try Self.problem(.huber, fitted, seed: 9)
    let model = problem.model
    func solve(_ loss: any Loss, _ solver: any Solver) throws -> SparseSolution {
      try solver.solve(
        RecoveryProblem(
          matrix: .double(sample.matrix), observation: sample.numbers, model: model, loss: loss),
        sparsity: 4, on: CPUBackend())
    }
    for solver in [OMP(), SP(), SEA(gradient: .direct)] as [any Solver] {
      let (mine, other) = (try solve(SquaredLoss(), solver), try solve(OtherSquaredLoss(), solver))
      #expect(mine.support == other.support && mine.iterations == other.iterations)
      for (a, b) in zip(mine.coefficients, other.coefficients) { #expect(abs(a - b) < 1e-10) }
      #expect(abs((mine.intercept ?? 0) - (other.intercept ?? 0)) < 1e-10)
      #expect(abs(mine.residualNorm - other.residualNorm) < 1e-12 * mine.residualNorm)
      #expect(abs(mine.relativeResidual - other.relativeResidual) < 1e-12)
    }
  }

  /// A row of weight 2 is two rows, one of weight 0 is none, whatever stands in it.
  @Test(arguments: Kind.allCases) func weightsAreRepeatedRows(kind: Kind) throws {
    let sample = try LossSample(rows: 60, columns: 12, seed: 21)
    let y = kind == .logistic ? sample.labels : sample.numbers
    let loss: any Loss = kind == .logistic ? LogisticLoss() : try HuberLoss(threshold: 0.8)
    var model = RecoveryModel()
    model.hasIntercept = true
    let weights = (0..<60).map { $0 % 3 }
    let rows = weights.indices.flatMap { Array(repeating: $0, count: weights[$0]) }
    let repeated = try RecoveryProblem(
      matrix: .double(
        Matrix(
          rows: rows.count, columns: 12,
          columnMajor: (0..<12).flatMap { j in rows.map { sample.matrix[$0, j] } })),
      observation: rows.map { y[$0] }, model: model, loss: loss)
    model.weights = weights.map(Double.init)
    let weighted = try RecoveryProblem(
      matrix: .double(
        Matrix(
          rows: 60, columns: 12,
          columnMajor: (0..<12).flatMap { j in
            (0..<60).map { weights[$0] == 0 ? .nan : sample.matrix[$0, j] }
          })),
      observation: y.indices.map { weights[$0] == 0 ? .nan : y[$0] }, model: model, loss: loss)
    for solver in [OMP(), SP()] as [any Solver] {
      let (a, b) = (
        try solver.solve(repeated, sparsity: 4, on: CPUBackend()),
        try solver.solve(weighted, sparsity: 4, on: CPUBackend())
      )
      #expect(a.support == b.support)
      #expect(abs(a.loss - b.loss) <= 1e-12 * a.loss)
      for (c, d) in zip(a.coefficients, b.coefficients) { #expect(abs(c - d) < 1e-10) }
    }
  }

  /// With an intercept the means of columns decide nothing: they cost digits, one for each factor of ten.
  @Test func meansDecideNothing() throws {
    var model = RecoveryModel()
    model.hasIntercept = true
    var solutions: [SparseSolution] = []
    for offset in [0, 1e5] {
      let sample = try LossSample(rows: 80, columns: 20, seed: 3, offset: offset)
      let problem = try RecoveryProblem(
        matrix: .double(sample.matrix), observation: sample.labels, model: model,
        loss: LogisticLoss())
      solutions.append(try OMP().solve(problem, sparsity: 4, on: CPUBackend()))
    }
    let (plain, far) = (solutions[0], solutions[1])
    #expect(plain.support == far.support)
    #expect(abs(plain.loss - far.loss) <= 1e-9 * plain.loss)
    for (c, d) in zip(plain.coefficients, far.coefficients) { #expect(abs(c - d) < 1e-8) }
  }

  /// What every support contains is fitted to coefficients that are no minimum: the slope is that of the loss so
  /// minimised, which is convex and lies between its tangents.
  @Test(arguments: Kind.allCases, Fitted.allCases)
  func slopesOfPoints(kind: Kind, fitted: Fitted) throws {
    let (problem, _) = try Self.problem(kind, fitted, seed: 13)
    guard problem.model.ridge == 0 else { return }
    let workspace = Workspace(
      problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    let support = [0, 2, 5]
    func point(_ c: [Double]) throws -> (loss: Double, descent: [Double]) {
      let x = try workspace.iterate(SparseVector(support: support, coefficients: c))
      return (
        x.residualNorm * x.residualNorm / 2,
        try workspace.negativeGradient(on: x.vector, residual: x.residual)
      )
    }
    var generator = SeededGenerator(seed: 2)
    for h in [1, 1e-2, 1e-4] {
      let c = support.map { _ in generator.normal() }
      let step = support.map { _ in h * generator.normal() }
      let (here, there) = (try point(c), try point(zip(c, step).map(+)))
      let slack = 1e-12 * (here.loss + there.loss)
      let rise = there.loss - here.loss
      #expect(-zip(here.descent, step).reduce(0) { $0 + $1.0 * $1.1 } <= rise + slack)
      #expect(rise <= -zip(there.descent, step).reduce(0) { $0 + $1.0 * $1.1 } + slack)
    }
  }

  /// Every solver goes on from its checkpoints under every loss, unbounded fits among them: 40 labels, 100 columns.
  @Test(arguments: solvers.indices, Fitted.allCases) func solversConform(
    number: Int, fitted: Fitted
  )
    throws
  {
    var solver = Self.solvers[number]
    solver.limits.iterations = 40
    var model = RecoveryModel()
    switch fitted {
    case .plain: break
    case .regression:
      model.hasIntercept = true
      model.included = [7]
      model.weights = (0..<40).map { Double($0 % 5) }
    case .ridge: model.ridge = 0.2
    case .standardized:
      model.isStandardized = true
      model.ridge = 0.5
    case .signs: model.isNonnegative = true
    }
    try expectConformance(
      of: solver, model: model, loss: LogisticLoss(), observed: { $0 > 0 ? 1 : 0 })
    try expectConformance(of: solver, model: model, loss: try HuberLoss(threshold: 0.3))
  }

  /// From η = 0 the first step for counts of thousands leads to e^1000: steps are halved.
  @Test func overflowIsSteppedBackFrom() throws {
    let sample = try LossSample(rows: 40, columns: 6, seed: 12)
    var model = RecoveryModel()
    model.hasIntercept = true
    let counts = sample.numbers.map { (1000 * exp(min($0, 2))).rounded() }
    let problem = try RecoveryProblem(
      matrix: .double(sample.matrix), observation: counts, model: model, loss: PoissonLoss())
    let solution = try OMP().solve(problem, sparsity: 3, on: CPUBackend())
    let fit = Self.fit(solution.support, problem, sample)
    #expect(abs(solution.loss - fit.value) <= 1e-10 * fit.value)
    for (c, expected) in zip(solution.coefficients, fit.coefficients) {
      #expect(abs(c - expected) < 1e-8)
    }
    #expect(solution.warnings.isEmpty)
  }

  /// What every support contains is fitted to coefficients so far off that the loss hardly curves there: at the minimum
  /// the probabilities add up to the labels. A descent ends where g²/h, twice what is left to gain, is a rounding of a sum
  /// of 40 terms; h is at most a quarter for each.
  @Test(arguments: [1e2, 2e3, 1e6]) func pointsFarOff(size: Double) throws {
    let sample = try LossSample(rows: 40, columns: 6, seed: 15, offset: 1)
    var model = RecoveryModel()
    model.hasIntercept = true
    let problem = try RecoveryProblem(
      matrix: .double(sample.matrix), observation: sample.labels, model: model,
      loss: LogisticLoss())
    let workspace = Workspace(
      problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    for sign in [-1.0, 1] {
      let x = try workspace.iterate(
        SparseVector(support: [0, 1], coefficients: [sign * size, -sign * 2 * size]))
      #expect(x.residualNorm.isFinite)
      let gain = 40 * Double.ulpOfOne * x.residualNorm * x.residualNorm / 2
      let slope = x.residual.reduce(0, +)
      #expect(slope * slope <= 10 * gain)
    }
  }

  /// A curvature that is more than the second derivative takes more steps to the same minimum.
  @Test func majorantsLeadToTheMinimum() throws {
    let sample = try LossSample(rows: 60, columns: 10, seed: 14)
    func solve(_ loss: any Loss) throws -> SparseSolution {
      try OMP().solve(
        RecoveryProblem(
          matrix: .double(sample.matrix), observation: sample.labels, loss: loss),
        sparsity: 3, on: CPUBackend())
    }
    let (exact, bounded) = (try solve(LogisticLoss()), try solve(BoundedLogisticLoss()))
    #expect(exact.support == bounded.support && bounded.warnings.isEmpty)
    for (c, d) in zip(exact.coefficients, bounded.coefficients) { #expect(abs(c - d) < 1e-9) }
  }

  /// Whatever holds the atoms, and whatever they come from.
  @Test(arguments: Fitted.allCases) func backendsAgree(fitted: Fitted) throws {
    let (problem, sample) = try Self.problem(.logistic, fitted, seed: 17)
    let sparse = try RecoveryProblem(
      SparseColumns(sample.matrix), observation: sample.labels, model: problem.model,
      loss: LogisticLoss())
    for solver in [SEA(), OMP()] as [any Solver] {
      var outcomes: [Outcome] = []
      for backend in try everyBackend() {
        for problem in [problem, sparse] {
          outcomes.append(Outcome(try solver.solve(problem, sparsity: 4, on: backend)))
        }
      }
      #expect(outcomes.allSatisfy { $0 == outcomes[0] })
    }
  }

  /// Several observations, one after another: as each is alone.
  @Test func severalObservations() throws {
    let sample = try LossSample(rows: 50, columns: 20, seed: 8)
    let problem = try RecoveryProblem(
      matrix: .double(sample.matrix), observation: sample.labels, loss: LogisticLoss())
    let others = [
      sample.labels, sample.labels.map { 1 - $0 }, sample.numbers.map { $0 > 1 ? 1 : 0 },
    ]
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    for solver in [SEA(), OMP()] as [any Solver] {
      let together = try solver.solve(problem, observations: others, sparsity: 3, with: engine)
      for (y, solution) in zip(others, together) {
        let alone = try solver.solve(problem.observing(y), sparsity: 3, with: engine)
        #expect(Outcome(alone) == Outcome(solution))
      }
    }
  }

  /// The members that minimise any loss, and from every checkpoint the same answer.
  @Test func portfolioResumes() throws {
    let sample = try LossSample(rows: 60, columns: 30, seed: 4)
    let problem = try RecoveryProblem(
      matrix: .double(sample.matrix), observation: sample.labels, loss: LogisticLoss())
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var kept: [CompositeCheckpoint] = []
    let portfolio = Portfolio(rounds: 1)
    let whole = try portfolio.solve(
      Workspace(problem, on: engine), sparsity: 4, resuming: nil,
      keeper: CheckpointKeeper(isDue: { true }, keep: { kept.append($0) })
    ) { _ in .proceed }
    #expect(
      whole.attempts.map(\.solver)
        == ["sp", "omp", "cosamp", "backward", "splicing", "sea", "exchanges", "search"])
    for checkpoint in kept.enumerated().filter({ $0.offset % 7 == 0 }).map(\.element) {
      let rest = try portfolio.solve(
        Workspace(problem, on: engine), sparsity: 4, resuming: checkpoint, keeper: nil
      ) { _ in .proceed }
      #expect(Outcome(rest, countsPasses: false) == Outcome(whole, countsPasses: false))
    }
  }

  /// CoSaMP alone goes on for as long as no set of 3k atoms comes back; in the portfolio it ends after ten iterations
  /// without a better support.
  @Test func pursuitsOfNoiseEnd() throws {
    var generator = SeededGenerator(seed: 4)
    let (rows, columns) = (150, 100)
    let problem = try RecoveryProblem(
      matrix: .double(
        Matrix(
          rows: rows, columns: columns,
          columnMajor: (0..<rows * columns).map { _ in generator.normal() })),
      observation: (0..<rows).map { _ in generator.uniform() < 0.5 ? 1 : 0 }, loss: LogisticLoss())
    let alone = try CoSaMP(debiases: true).solve(problem, sparsity: 20, on: CPUBackend())
    let solution = try Portfolio(rounds: 1).solve(problem, sparsity: 20, on: CPUBackend())
    let member = try #require(solution.attempts.first { $0.solver == "cosamp" })
    #expect(alone.iterations > 30 && member.iterations < alone.iterations)
    #expect(solution.loss <= alone.loss)
  }

  /// On a large problem two pursuits that agree leave out the third and SEA, and no exchange is fitted that the model
  /// excludes: it is sharp where rows are many.
  @Test func agreementEndsLargeProblems() throws {
    let (rows, columns) = (1 << 17, 8)
    var generator = SeededGenerator(seed: 8)
    let numbers = (0..<rows * columns).map { _ in generator.normal() }
    let y = (0..<rows).map { i in
      let η = 0.8 * numbers[i] - 0.5 * numbers[i + rows]
      return generator.uniform() < 1 / (1 + exp(-η)) ? 1.0 : 0
    }
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: rows, columns: columns, columnMajor: numbers)), observation: y,
      loss: LogisticLoss())
    let solution = try Portfolio().solve(problem, sparsity: 2, on: CPUBackend())
    #expect(solution.support == [0, 1])
    let names = solution.attempts.map(\.solver)
    #expect(names.starts(with: ["sp", "omp"]) && names.last == "exchanges")
    #expect(!names.contains("cosamp") && !names.contains("sea"))
    #expect(solution.attempts.last?.iterations == 1)
  }
}
