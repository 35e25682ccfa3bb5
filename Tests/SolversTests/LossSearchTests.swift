import CPUBackend
import Glibc
import LeastSquares
import Losses
import SparseCore
import TestSupport
import Testing

@testable import Solvers

/// The search in rounds under other losses than least squares, and what an exhaustive search gives up.
@Suite struct LossSearchTests {
  /// Labels, counts and numbers with outliers, of columns each of which is much like the one before.
  private struct Sample {
    let matrix: Matrix<Double>
    let y: [Double]
    let loss: any Loss

    init(_ name: String, rows: Int = 60, columns: Int = 40, seed: UInt64) throws {
      var generator = SeededGenerator(seed: seed)
      var entries = (0..<rows).map { _ in generator.normal() }
      for _ in 1..<columns {
        for value in entries.suffix(rows) { entries.append(0.8 * value + 0.6 * generator.normal()) }
      }
      matrix = try Matrix(rows: rows, columns: columns, columnMajor: entries)
      let chosen = generator.sample(5, of: columns).map { ($0, generator.sign()) }
      let η = (0..<rows).map { i in chosen.reduce(0) { $0 + $1.1 * entries[$1.0 * rows + i] } }
      switch name {
      case "logistic":
        y = η.map { generator.uniform() < 1 / (1 + exp(-$0 / 2)) ? 1 : 0 }
        loss = LogisticLoss()
      case "poisson":
        y = η.map { (exp(min($0 / 4, 3)) * -log(1 - generator.uniform())).rounded() }
        loss = PoissonLoss()
      default:
        y = η.map { $0 + (generator.uniform() < 0.2 ? 6 : 0.5) * generator.normal() }
        loss = try HuberLoss(threshold: 0.5)
      }
    }

    func problem() throws -> RecoveryProblem {
      var model = RecoveryModel()
      model.hasIntercept = true
      return try RecoveryProblem(matrix: .double(matrix), observation: y, model: model, loss: loss)
    }
  }

  private static let names = ["logistic", "poisson", "huber"]

  /// Exchanges of one atom for any other, each fitted, and what the members before the search had found: it is worse for some
  /// of the problems at least.
  @Test(arguments: zip(names, [1, 0, 1]))
  func supportsAreSwapOptimal(name: String, fewestImproved: Int) throws {
    var improved = 0
    for seed in 1...8 {
      let problem = try Sample(name, seed: UInt64(seed)).problem()
      let found = try Portfolio(rounds: 1).solve(problem, sparsity: 4, on: CPUBackend())
      let workspace = Workspace(
        problem, on: try CPUBackend().load(problem.atoms, precision: .double))
      let support = found.atomCoefficients.support
      let loss = try workspace.project(onto: support).residualNorm
      for leaving in support {
        for entering in problem.atoms.usable where !support.contains(entering) {
          let other = (support.removing(leaving) + [entering]).sorted()
          let norm = try workspace.project(onto: other).residualNorm
          #expect(norm * norm >= loss * loss * (1 - 2 * Descent.leastGain), "\(seed): \(other)")
        }
      }
      let before = found.attempts.filter { $0.solver != LossSearch.name }.map(\.relativeResidual)
      if found.relativeResidual < (before.min() ?? 0) * (1 - 1e-6) { improved += 1 }
    }
    #expect(improved >= fewestImproved)
  }

  /// By counted work, in the same place again, and after a break: nothing is proved then.
  @Test func exhaustiveSearchesGiveUp() throws {
    let problem = try Sample("logistic", rows: 30, columns: 14, seed: 5).problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let all = try Exhaustive().solve(problem, sparsity: 3, on: CPUBackend())
    #expect(all.iterations == 364 && all.stopReason == .converged)
    let alone = try Exhaustive().solve(problem, sparsity: 3, on: CPUBackend(threads: 1))
    #expect(Outcome(alone) == Outcome(all))
    var bounded = Exhaustive()
    // Some two hundred fits.
    bounded.mostWork = 200 * FitWork(problem).usualFit(of: 3)
    var kept: [IterationCheckpoint] = []
    let part = try bounded.solve(
      Workspace(problem, on: engine), sparsity: 3, resuming: nil,
      keeper: CheckpointKeeper(isDue: { true }, keep: { kept.append($0) })
    ) { _ in .proceed }
    #expect(part.stopReason == .iterations && part.optimalityGap == nil)
    #expect((64..<364).contains(part.iterations) && part.loss >= all.loss)
    for checkpoint in kept {
      let rest = try bounded.solve(
        Workspace(problem, on: engine), sparsity: 3, resuming: checkpoint, keeper: nil
      ) { _ in .proceed }
      #expect(Outcome(rest) == Outcome(part))
    }
    // The others go on from there, and find what there is.
    var portfolio = Portfolio(rounds: 1)
    portfolio.mostFitWork = bounded.mostWork
    let found = try portfolio.solve(problem, sparsity: 3, on: CPUBackend())
    let solvers = found.attempts.map(\.solver)
    #expect(solvers.first == Exhaustive.name && solvers.last == LossSearch.name)
    #expect(found.support == all.support && found.optimalityGap == nil)
    let whole = try Portfolio().solve(problem, sparsity: 3, on: CPUBackend())
    #expect(whole.attempts.map(\.solver) == [Exhaustive.name] && whole.support == all.support)
  }

  /// Fits of labels that most supports separate take many times the steps of others, and count as many times.
  @Test func stepsAreCounted() throws {
    let sample = try Sample("logistic", rows: 30, columns: 14, seed: 5)
    let problem = try sample.problem()
    let rows = problem.rows
    let separated = try RecoveryProblem(
      matrix: .double(sample.matrix),
      observation: (0..<rows).map { sample.matrix[$0, 0] > 0 ? 1 : 0 }, model: problem.model,
      loss: LogisticLoss())
    func steps(_ problem: RecoveryProblem) throws -> Int {
      let engine = try CPUBackend().load(problem.atoms, precision: .double)
      let workspace = Workspace(problem, on: engine)
      let fit = try workspace.minimizer.minimize(onto: [0, 5])
      // Remembered or computed.
      let again = try workspace.minimizer.minimize(onto: [0, 5])
      #expect(again.evaluations == fit.evaluations)
      return fit.evaluations
    }
    let (usual, many) = (try steps(problem), try steps(separated))
    #expect((4...12).contains(usual) && many > 2 * usual)
  }

  /// A thorough search ends by the clock, and can be made again by its number of rounds.
  @Test(arguments: names) func thoroughSearchesCanBeMadeAgain(name: String) throws {
    let problem = try Sample(name, rows: 80, seed: 3).problem()
    var limits = Limits()
    limits.time = .milliseconds(300)
    let timed = try Portfolio(effort: .thorough, limits: limits)
      .solve(problem, sparsity: 5, on: CPUBackend())
    #expect(timed.stopReason == .time && timed.rounds > 0)
    let again = try Portfolio(effort: .thorough, rounds: timed.rounds)
      .solve(problem, sparsity: 5, on: CPUBackend())
    // In the end all exchanges of the best support are tried, if the clock lets them.
    #expect(again.loss <= timed.loss * (1 + 1e-12) && again.rounds == timed.rounds)
  }

  private enum Case: String, CaseIterable { case plain, signs, joint }

  private static func problem(_ test: Case) throws -> RecoveryProblem {
    let sample = try Sample(test == .signs ? "huber" : "logistic", rows: 60, columns: 32, seed: 2)
    var model = RecoveryModel()
    model.hasIntercept = true
    model.isNonnegative = test == .signs
    model.included = test == .plain ? [4] : []
    let problem = try RecoveryProblem(
      matrix: .double(sample.matrix), observation: sample.y, model: model, loss: sample.loss)
    guard test == .joint else { return problem }
    let other = (0..<problem.rows).map {
      sample.matrix[$0, 1] + sample.matrix[$0, 7] > 0.5 ? 1.0 : 0
    }
    return try problem.observing(jointly: [sample.y, zip(sample.y, other).map { $0 == $1 ? 1 : 0 }])
  }

  /// Cut off anywhere, between two steps or within one, and gone on from there: the same answer.
  @Test(arguments: Case.allCases) private func searchesResume(test: Case) throws {
    let problem = try Self.problem(test)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var elite = Elite()
    let workspace = Workspace(problem, on: engine)
    elite.insert([0, 1, 2, 3], pow(try workspace.project(onto: [0, 1, 2, 3]).residualNorm, 2))
    var search = LossSearch(
      elite: elite, settings: SearchSettings(rounds: 2), limits: Limits())
    var kept: [IterationCheckpoint] = []
    func solve(_ checkpoint: IterationCheckpoint? = nil) throws -> SparseSolution {
      try search.solve(
        Workspace(problem, on: engine), sparsity: 4 + problem.atoms.required.count,
        resuming: checkpoint,
        keeper: CheckpointKeeper(isDue: { true }, keep: { kept.append($0) })
      ) { _ in .proceed }
    }
    let asked = Questions(until: .max)
    search.limits.isCancelled = { asked.answer() }
    let whole = try solve()
    #expect(whole.stopReason == .converged && whole.rounds == 2)
    let between = kept
    for place in 0..<4 {
      let questions = Questions(until: 1 + asked.count * place / 4)
      search.limits.isCancelled = { questions.answer() }
      let cut = try solve()
      #expect(cut.stopReason == .interrupted && !cut.support.isEmpty && cut.loss >= whole.loss)
      search.limits.isCancelled = nil
      #expect(
        Outcome(try solve(kept.last), countsPasses: false) == Outcome(whole, countsPasses: false))
    }
    for checkpoint in between {
      #expect(
        Outcome(try solve(checkpoint), countsPasses: false) == Outcome(whole, countsPasses: false))
    }
  }

  /// A start and no exchange where its fit is all that may be done.
  @Test func descentsAreBounded() throws {
    let problem = try Sample("huber", columns: 16, seed: 1).problem()
    var descent = LossDescent(starts: [[0, 1, 2], [4, 9, 13]], limits: Limits())
    let free = try descent.solve(problem, sparsity: 3, on: CPUBackend())
    descent.mostWork = 1
    let bounded = try descent.solve(problem, sparsity: 3, on: CPUBackend())
    #expect(bounded.stopReason == .iterations && bounded.support == [0, 1, 2])
    #expect(free.stopReason == .converged && free.loss < bounded.loss)
  }

  /// After a number of rounds that counted work decides on.
  @Test func endsWhereTheBestComesBack() throws {
    let problem = try Sample("logistic", rows: 60, columns: 32, seed: 4).problem()
    let found = try Portfolio().solve(problem, sparsity: 4, on: CPUBackend())
    let again = try Portfolio().solve(problem, sparsity: 4, on: CPUBackend())
    #expect(found.attempts.last?.solver == LossSearch.name && found.rounds > 2)
    #expect(again.rounds == found.rounds && Outcome(again) == Outcome(found))
  }

  /// Descents and fits side by side, with more atoms than a descent looks at, so that they share the engine: the same answer,
  /// work and passes.
  @Test(arguments: names) func anyNumberOfThreadsFindsTheSame(name: String) throws {
    let problem = try Sample(name, rows: 600, columns: 460, seed: 6).problem()
    func solve(_ threads: Int) throws -> SparseSolution {
      var elite = Elite()
      elite.insert([0, 1, 2, 3], .greatestFiniteMagnitude)
      let search = LossSearch(
        elite: elite, settings: SearchSettings(share: 8, threads: threads), limits: Limits())
      return try search.solve(problem, sparsity: 4, on: CPUBackend())
    }
    let alone = try solve(1)
    #expect(alone.matrixPasses > 0 && alone.iterations > 1)
    for threads in [2, 8] {
      let found = try solve(threads)
      #expect(Outcome(found) == Outcome(alone) && found.rounds == alone.rounds)
    }
  }
}
