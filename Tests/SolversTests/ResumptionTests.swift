import CPUBackend
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// What is made of several solves, and is cut off anywhere, goes on as if nothing had happened.
@Suite struct ResumptionTests {
  /// What is cut off.
  enum Whole: String, CaseIterable, Sendable {
    case path, warmPath, pursuitPath, thresholdingPath, targetPath
    case validation, warmValidation, repeatedValidation
    case draws, pairs
    case jointPath, jointValidation, jointDraws
    case observations, portfolios, walks, pursuits
  }

  /// The models that all of them can do.
  enum Model: String, CaseIterable, Sendable {
    case plain, regression, ridge, signs

    var model: RecoveryModel {
      var model = RecoveryModel()
      switch self {
      case .plain: break
      case .regression:
        model.hasIntercept = true
        model.included = [7]
        model.weights = (0..<30).map { 1 + Double($0 % 5) }
      case .ridge: model.ridge = 0.2
      case .signs: model.isNonnegative = true
      }
      return model
    }
  }

  private struct Run {
    var lines: [String] = []
    /// How many lines there were when each was kept.
    var kept: [(lines: Int, checkpoint: CompositeCheckpoint)] = []
    var result: [String] = []
  }

  private func run(
    _ whole: Whole, _ model: Model, _ backend: any Backend,
    from checkpoint: CompositeCheckpoint? = nil, keeps: Bool = true, reports: Int = .max,
    questions: Questions? = nil
  ) throws -> Run {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 30, columns: 70), sparsity: 4, snr: 10, seed: 5))
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model.model)
    var limits = Limits()
    limits.iterations = 40
    if let questions { limits.isCancelled = { questions.answer() } }
    var run = Run()
    let keeper = CheckpointKeeper<CompositeCheckpoint>(isDue: { keeps }) {
      run.kept.append((run.lines.count, $0))
    }
    func observe(_ report: IterationReport) -> SolveControl {
      run.lines.append(
        "\(report.solver) \(report.iteration) \(report.support) \(report.relativeResidual)")
      return run.lines.count < reports ? .proceed : .stop
    }
    let workspace = Workspace(problem, on: try backend.load(problem.atoms, precision: .double))
    func solve(_ path: SparsityPath) throws {
      let found = try path.solve(
        workspace, sparsities: 1...5, resuming: checkpoint, keeper: keeper, observer: observe)
      run.result =
        found.points.map { text($0.solution) } + ["\(found.stopReason) \(found.matrixPasses)"]
    }
    func validate(_ path: SparsityPath, repeats: Int = 1) throws {
      var plan = FoldPlan(3, seed: 0)
      plan.repeats = repeats
      let errors = try CrossValidation(path: path, plan: plan).run(
        problem.atoms.operator, observation: problem.observation, model: model.model,
        sparsities: 1...4, on: backend, resuming: checkpoint, keeper: keeper, observer: observe)
      run.result = errors.map { $0.folds.map { "\($0)" } } ?? []
    }
    func draw(_ scheme: Resampling.Scheme, _ path: SparsityPath) throws {
      let found = try Resampling(scheme, draws: 2, path: path).run(
        problem.atoms.operator, observation: problem.observation, model: model.model,
        sparsities: 1...3, on: backend, resuming: checkpoint, keeper: keeper, observer: observe)
      run.result = found.draws.map { "\($0)" } + ["\(found.stopReason)"]
    }
    let y = problem.observation
    let several = [y, y.reversed(), y.map { $0 * $0 }]
    func solveJointly(_ path: SparsityPath) throws {
      let found = try path.solve(
        workspace, jointly: several, sparsities: 1...4, resuming: checkpoint, keeper: keeper,
        observer: observe)
      run.result =
        found.points.flatMap { $0.solutions.map(text) }
        + ["\(found.stopReason) \(found.matrixPasses)"]
    }
    func validateJointly(_ path: SparsityPath) throws {
      let errors = try CrossValidation(path: path, folds: 3).run(
        problem.atoms.operator, jointly: several, model: model.model, sparsities: 1...3,
        on: backend, resuming: checkpoint, keeper: keeper, observer: observe)
      run.result = errors.map { $0.folds.map { "\($0)" } } ?? []
    }
    func drawJointly(_ path: SparsityPath) throws {
      let found = try Resampling(.subsample, draws: 2, path: path).run(
        problem.atoms.operator, jointly: several, model: model.model, sparsities: 1...3,
        on: backend, resuming: checkpoint, keeper: keeper, observer: observe)
      run.result = found.draws.map { "\($0)" } + ["\(found.stopReason)"]
    }
    func solve(_ solver: some Solver) throws {
      let solutions = try solver.solve(
        workspace, observations: several, sparsity: 4, resuming: checkpoint, keeper: keeper
      ) { observe($1) }
      run.result = solutions.map(text)
    }
    let portfolio = Portfolio(rounds: 2, limits: limits)
    switch whole {
    case .path: try solve(SparsityPath(solver: portfolio, limits: limits))
    case .warmPath: try solve(SparsityPath(solver: nil, limits: limits))
    case .pursuitPath: try solve(SparsityPath(solver: OMP(limits: limits), limits: limits))
    case .thresholdingPath: try solve(SparsityPath(solver: HTP(limits: limits), limits: limits))
    case .targetPath:
      try solve(SparsityPath(solver: portfolio, limits: limits, targetResidual: 0.5))
    case .validation: try validate(SparsityPath(solver: portfolio, limits: limits))
    case .warmValidation: try validate(SparsityPath(solver: nil, limits: limits))
    case .repeatedValidation:
      try validate(SparsityPath(solver: OMP(limits: limits), limits: limits), repeats: 2)
    case .draws: try draw(.bootstrap, SparsityPath(solver: nil, limits: limits))
    case .pairs: try draw(.subsample, SparsityPath(solver: HTP(limits: limits), limits: limits))
    case .jointPath: try solveJointly(SparsityPath(solver: nil, limits: limits))
    case .jointValidation:
      try validateJointly(SparsityPath(solver: HTP(limits: limits), limits: limits))
    case .jointDraws: try drawJointly(SparsityPath(solver: OMP(limits: limits), limits: limits))
    case .observations: try solve(SEA(limits: limits))
    case .portfolios: try solve(portfolio)
    case .walks: try solve(Tabu(limits: limits))
    case .pursuits: try solve(OMP(limits: limits))
    }
    return run
  }

  /// Every bit but times.
  private func text(_ solution: SparseSolution) -> String {
    let attempts = solution.attempts.map {
      "\($0.solver) \($0.start ?? "") \($0.relativeResidual) \($0.iterations) \($0.matrixPasses)"
    }
    return
      "\(solution.support) \(solution.coefficients) \(solution.residualNorm) \(solution.iterations) "
      + "\(solution.bestIteration) \(solution.supportsExplored) \(solution.matrixPasses) "
      + "\(solution.stopReason) \(solution.warnings) \(solution.rounds) \(attempts)"
  }

  private func expectSame(_ run: Run, _ unbroken: Run) {
    #expect(run.result.count == unbroken.result.count)
    for (found, expected) in zip(run.result, unbroken.result) { #expect(found == expected) }
  }

  @Test(arguments: Whole.allCases, Model.allCases)
  func resumingChangesNothing(_ whole: Whole, _ model: Model) throws {
    let backend = CPUBackend()
    let unbroken = try run(whole, model, backend)
    #expect(!unbroken.kept.isEmpty || whole == .pursuitPath)
    let step = max(1, unbroken.kept.count / 6)
    for kept in stride(from: 0, to: unbroken.kept.count, by: step).map({ unbroken.kept[$0] }) {
      let copy = try kept.checkpoint.words.withUnsafeBytes { (bytes) throws(CheckpointError) in
        try CompositeCheckpoint(bytes: bytes)
      }
      #expect(copy == kept.checkpoint)
      expectSame(try run(whole, model, backend, from: copy), unbroken)
      // Stopped at once, it refuses nothing, and what it kept goes on as well.
      let again = try run(whole, model, backend, from: copy, keeps: false, reports: 1)
      let last = again.kept.last?.checkpoint ?? copy
      expectSame(try run(whole, model, backend, from: last), unbroken)
    }
    // Stopped anywhere, and from there on.
    let count = unbroken.lines.count
    for reports in stride(from: 1, to: count, by: max(1, count / 5)) {
      let stopped = try run(whole, model, backend, keeps: false, reports: reports)
      let rest = try run(whole, model, backend, from: stopped.kept.last?.checkpoint)
      expectSame(rest, unbroken)
    }
  }

  /// Ended in the middle of an iteration, which is repeated as a whole.
  @Test(
    arguments: [Whole.path, .warmPath, .validation, .draws, .jointPath, .portfolios, .walks],
    Model.allCases)
  func cutIterationsAreRepeated(_ whole: Whole, _ model: Model) throws {
    let backend = CPUBackend()
    let unbroken = try run(whole, model, backend)
    // Nobody who asks changes anything.
    let asked = Questions(until: .max)
    expectSame(try run(whole, model, backend, keeps: false, questions: asked), unbroken)
    for place in 0..<6 {
      let questions = Questions(until: asked.count * place / 6)
      let cut = try run(whole, model, backend, keeps: false, questions: questions)
      #expect(questions.count > asked.count * place / 6)
      expectSame(try run(whole, model, backend, from: cut.kept.last?.checkpoint), unbroken)
    }
  }

  /// On other engines a few of them, from all their checkpoints.
  @Test(arguments: [Whole.warmPath, .validation, .observations])
  func everyBackendResumes(_ whole: Whole) throws {
    for backend in try everyBackend() {
      let unbroken = try run(whole, .plain, backend)
      for kept in unbroken.kept.suffix(3) {
        expectSame(try run(whole, .plain, backend, from: kept.checkpoint), unbroken)
      }
    }
  }

  /// Of another problem or another path: refused by name. Whatever a file holds: refused, or an answer.
  @Test func othersAndForgeriesAreRefused() throws {
    let kept = try run(.path, .plain, CPUBackend()).kept
    let middle = try #require(kept.dropFirst(kept.count / 2).first).checkpoint
    func refusal(_ whole: Whole, _ model: Model) -> String {
      do {
        _ = try run(whole, model, CPUBackend(), from: middle)
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal(.warmPath, .plain).contains("found solver portfolio"))
    #expect(refusal(.path, .ridge).contains("found ridge 0.0"))
    #expect(refusal(.targetPath, .plain).contains("found target residual none"))
    #expect(refusal(.validation, .plain).contains("checkpoint: expected"))
    var generator = SeededGenerator(seed: 3)
    var refused = 0
    for _ in 0..<120 {
      var words = kept[generator.int(below: kept.count)].checkpoint.words
      let values: [UInt64] = [0, 1, 2, 69, 70, 1 << 40, 1 << 63, .max, (1e300).bitPattern]
      words[4 + generator.int(below: words.count - 4)] = values[generator.int(below: values.count)]
      var checksum = Checksum()
      for word in words[4...] { checksum.add(word) }
      words[3] = checksum.value
      do {
        let checkpoint = try words.withUnsafeBytes { (bytes) throws(CheckpointError) in
          try CompositeCheckpoint(bytes: bytes)
        }
        _ = try run(.path, .plain, CPUBackend(), from: checkpoint)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 60)
  }
}
