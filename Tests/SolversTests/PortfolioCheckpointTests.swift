import CPUBackend
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// Portfolios that are cut off and go on.
@Suite struct PortfolioCheckpointTests {
  /// A portfolio with what it solves.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var portfolio = PortfolioCheckpointTests.portfolio()
    var model = RecoveryModel()
    /// With so many entries that SEA explores where the pursuits agree.
    var isLarge = false
    /// With more rows than columns, which are coherent: so that a tree is searched beside walks.
    var isTable = false
    /// How many observations share the support.
    var observations = 1
  }

  /// A kept checkpoint, and how many supports had been evaluated by then.
  private struct Kept {
    let checkpoint: CompositeCheckpoint
    let lines: Int
  }

  private typealias Run = (lines: [String], kept: [Kept], solution: SparseSolution)

  static let cases: [Case] = {
    var (plain, regression, signs) = (
      Case(testDescription: "plain"), Case(testDescription: "regression, thorough"),
      Case(testDescription: "signs, direct")
    )
    regression.model.hasIntercept = true
    regression.model.included = [7]
    regression.model.excluded = [11]
    regression.portfolio.effort = .thorough
    regression.portfolio.rounds = 3
    signs.model.isNonnegative = true
    signs.portfolio.sea.gradient = .direct
    let large = Case(testDescription: "large", isLarge: true)
    let (joint, jointLarge) = (
      Case(testDescription: "joint", observations: 3),
      Case(testDescription: "joint, large", isLarge: true, observations: 2)
    )
    var jointSigns = Case(testDescription: "joint signs", observations: 3)
    jointSigns.model.isNonnegative = true
    let table = Case(testDescription: "table", isTable: true)
    var groups = Case(testDescription: "groups", observations: 2)
    groups.model.columnGroups = (0..<120).map { $0 * 7 % 41 }
    return [plain, regression, signs, large, table, joint, jointSigns, jointLarge, groups]
  }()

  /// A few rounds: hundreds of them are run and resumed.
  static func portfolio(iterations: Int = 60) -> Portfolio {
    var limits = Limits()
    limits.iterations = iterations
    return Portfolio(rounds: 4, limits: limits)
  }

  private func problem(
    _ model: RecoveryModel = RecoveryModel(), seed: UInt64 = 3, isLarge: Bool = false,
    isTable: Bool = false, observations: Int = 1
  ) throws -> RecoveryProblem {
    let ensemble: MatrixEnsemble =
      isTable
      ? .toeplitz(rows: 60, columns: 40, correlation: 0.9)
      : isLarge ? .gaussian(rows: 300, columns: 4000) : .gaussian(rows: 40, columns: 120)
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: ensemble, sparsity: 6, snr: isTable ? 0 : 10, seed: seed))
    var generator = SeededGenerator(seed: seed)
    let others = (1..<observations).map { _ in
      var y = synthetic.observation.map { _ in 0.3 * generator.normal() }
      for j in synthetic.support {
        let c = generator.normal()
        for i in y.indices { y[i] += c * synthetic.matrix[i, j] }
      }
      return y
    }
    return try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model
    ).observing(jointly: [synthetic.observation] + others)
  }

  /// Every support with every bit of its residuals; `last` is the line to stop at.
  private func solve(
    _ portfolio: Portfolio, _ problem: RecoveryProblem, _ engine: any Engine,
    from checkpoint: CompositeCheckpoint? = nil, isDue: Bool = true, last: Int = .max
  ) throws -> Run {
    var (lines, kept): ([String], [Kept]) = ([], [])
    let solution = try portfolio.solve(
      Workspace(problem, on: engine), sparsity: 6, resuming: checkpoint,
      keeper: CheckpointKeeper(isDue: { isDue }) {
        kept.append(Kept(checkpoint: $0, lines: lines.count))
      }
    ) {
      lines.append(
        "\($0.solver) \($0.iteration) \($0.support) \($0.relativeResidual) "
          + "\($0.bestRelativeResidual) \($0.isNew)")
      return lines.count > last ? .stop : .proceed
    }
    return (lines, kept, solution)
  }

  /// All but times and passes.
  private func expectSame(_ solution: SparseSolution, _ expected: SparseSolution) {
    func attempts(_ solution: SparseSolution) -> [String] {
      solution.attempts.map {
        "\($0.solver) \($0.start ?? "") \($0.relativeResidual) \($0.iterations)"
      }
    }
    #expect(
      Outcome(solution, countsPasses: false) == Outcome(expected, countsPasses: false))
    #expect(attempts(solution) == attempts(expected))
    #expect(solution.bestAttempt == expected.bestAttempt)
  }

  /// Checkpoints between the solvers and within SEA.
  @Test(arguments: cases) func resumingChangesNothing(_ test: Case) throws {
    let problem = try problem(
      test.model, seed: test.isTable ? 4 : 3, isLarge: test.isLarge, isTable: test.isTable,
      observations: test.observations)
    if test.isTable {
      #expect(
        try test.portfolio.solve(problem, sparsity: 6, on: CPUBackend()).optimalityGap ?? 0 > 1e-9)
    }
    // What is kept does not depend on the engine: of the others, a few.
    for backend in try everyBackend() {
      func engine() throws -> any Engine { try backend.load(problem.atoms, precision: .double) }
      let whole = try solve(test.portfolio, problem, engine())
      #expect(whole.kept.contains { $0.checkpoint.underWay.isEmpty })
      #expect(whole.kept.contains { !$0.checkpoint.underWay.isEmpty })
      let step = max(1, whole.kept.count / (backend is CPUBackend ? isThorough ? 8 : 5 : 2))
      for kept in stride(from: 0, to: whole.kept.count, by: step).map({ whole.kept[$0] }) {
        let copy = try kept.checkpoint.words.withUnsafeBytes { (bytes) throws(CheckpointError) in
          try CompositeCheckpoint(bytes: bytes)
        }
        #expect(copy == kept.checkpoint)
        let rest = try solve(test.portfolio, problem, engine(), from: copy)
        #expect(rest.lines == Array(whole.lines[kept.lines...]))
        expectSame(rest.solution, whole.solution)
      }
    }
  }

  /// Stopped anywhere, and resumed from the last checkpoint: the answer is that of one run.
  @Test func stoppedAndResumed() throws {
    let (problem, portfolio) = (try problem(), Self.portfolio())
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let whole = try solve(portfolio, problem, engine, isDue: false)
    // None is due: those kept are of the moment when it was stopped.
    #expect(whole.kept.isEmpty)
    var kept = 0
    for last in stride(from: 0, to: whole.lines.count, by: 5) {
      let stopped = try solve(portfolio, problem, engine, isDue: false, last: last)
      #expect(stopped.solution.stopReason == .interrupted)
      kept += stopped.kept.count
      let rest = try solve(portfolio, problem, engine, from: stopped.kept.last?.checkpoint)
      expectSame(rest.solution, whole.solution)
    }
    #expect(kept > 3)
  }

  /// Ended within a round of searches on some threads, with the best so far: the round is repeated as a whole.
  @Test(arguments: [false, true], [1, 3]) func cutRoundsAreRepeated(
    isNonnegative: Bool, threads: Int
  ) throws {
    var model = RecoveryModel()
    model.isNonnegative = isNonnegative
    let problem = try problem(model)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var portfolio = Self.portfolio()
    portfolio.threads = threads
    let whole = try solve(portfolio, problem, engine, isDue: false)
    let asked = Questions(until: .max)
    portfolio.limits.isCancelled = { asked.answer() }
    let same = try solve(portfolio, problem, engine, isDue: false)
    #expect(same.lines == whole.lines)
    expectSame(same.solution, whole.solution)
    var cutRounds = 0
    for place in 0..<12 {
      let questions = Questions(until: asked.count * place / 12)
      portfolio.limits.isCancelled = { questions.answer() }
      let cut = try solve(portfolio, problem, engine, isDue: false)
      #expect(cut.solution.stopReason == .interrupted && !cut.solution.support.isEmpty)
      // The best of what was told.
      let told = cut.lines.compactMap { Double($0.split(separator: " ").dropLast().last ?? "") }
      let best = try #require(told.min())
      #expect(abs(cut.solution.relativeResidual - best) <= 1e-12 * best)
      cutRounds += cut.solution.attempts.last?.solver == RoundSearch.name ? 1 : 0
      portfolio.limits.isCancelled = nil
      let rest = try solve(
        portfolio, problem, engine, from: try #require(cut.kept.last).checkpoint)
      expectSame(rest.solution, whole.solution)
    }
    #expect(cutRounds > 4)
  }

  /// Of another portfolio, another problem, or another solver.
  @Test func refusals() throws {
    let problem = try problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let kept = try #require(try solve(Self.portfolio(), problem, engine).kept.last).checkpoint
    func refusal(_ portfolio: Portfolio, _ problem: RecoveryProblem) -> String {
      do {
        _ = try solve(portfolio, problem, engine, from: kept)
        return ""
      } catch {
        return "\(error)"
      }
    }
    var other = Self.portfolio()
    other.seed = 9
    #expect(
      refusal(other, problem) == "checkpoint: expected seed 9, as in this solve, found seed 1")
    #expect(
      refusal(Self.portfolio(iterations: 61), problem)
        == "checkpoint: expected iterations 61, as in this solve, found iterations 60")
    #expect(refusal(Self.portfolio(), try self.problem(seed: 4)).contains("found matrix numbers"))
    var gram = Self.portfolio()
    gram.sea.gradient = .gram
    #expect(refusal(gram, problem).contains("expected gradient gram, as in this solve"))
    #expect(
      throws: CheckpointError.damaged(expected: "a checkpoint of a solver", found: "something else")
    ) {
      try kept.words.withUnsafeBytes { (bytes) throws(CheckpointError) in
        try IterationCheckpoint(bytes: bytes)
      }
    }
  }

  /// Whatever numbers a file holds under the right checksum, going on from it ends or is refused.
  @Test func forgeriesDoNotTrap() throws {
    let problem = try problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let kept = try solve(Self.portfolio(iterations: 20), problem, engine).kept
    let values: [UInt64] = [
      0, 1, 2, 5, 119, 120, 1 << 40, 1 << 62, 1 << 63, .max, (1e300).bitPattern,
      Double.nan.bitPattern, Double.infinity.bitPattern,
    ]
    var generator = SeededGenerator(seed: 2)
    var refused = 0
    for _ in 0..<300 {
      var words = try #require(kept.randomElement(using: &generator)).checkpoint.words
      words[Int.random(in: 4..<words.count, using: &generator)] =
        values[Int.random(in: 0..<values.count, using: &generator)]
      var checksum = Checksum()
      for word in words[4...] { checksum.add(word) }
      words[3] = checksum.value
      do {
        let checkpoint = try words.withUnsafeBytes { (bytes) throws(CheckpointError) in
          try CompositeCheckpoint(bytes: bytes)
        }
        _ = try solve(Self.portfolio(iterations: 20), problem, engine, from: checkpoint)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100)
  }
}
