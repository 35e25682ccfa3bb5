import CPUBackend
import Foundation
import Solvers
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

/// What must hold for every solver.
@Suite struct EverySolverTests {
  @Test func namesAreDistinctAndFound() {
    #expect(Set(Algorithm.all.map(\.name)).count == Algorithm.all.count)
    for algorithm in Algorithm.all {
      #expect(type(of: algorithm.solver(Limits())).name == algorithm.name)
      #expect(Algorithm.named(algorithm.name)?.summary == algorithm.summary)
    }
    #expect(Algorithm.named("none") == nil)
  }

  /// Ended after any report, and gone on from what was kept then: the answer is that of one run.
  @Test(arguments: Algorithm.all.map(\.name), [UInt64(3), 4])
  func stoppedAnywhereAndResumed(name: String, seed: UInt64) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 20, columns: 30), sparsity: 3, snr: 3, seed: seed))
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var limits = Limits()
    limits.iterations = 30
    func run<S: ResumableSolver>(
      _ solver: S, from checkpoint: S.Checkpoint? = nil, last: Int = .max
    ) throws -> (reports: Int, kept: S.Checkpoint?, solution: SparseSolution) {
      var (reports, kept) = (0, S.Checkpoint?.none)
      let keeper = CheckpointKeeper<S.Checkpoint>(isDue: { false }, keep: { kept = $0 })
      let solution = try solver.solve(
        Workspace(problem, on: engine), sparsity: exact.contains(name) ? 2 : 6,
        resuming: checkpoint, keeper: keeper
      ) { _ in
        reports += 1
        return reports < last ? .proceed : .stop
      }
      return (reports, kept, solution)
    }
    func tryAll(_ solver: some ResumableSolver) throws {
      let whole = try run(solver)
      for last in stride(from: 1, through: whole.reports, by: max(1, whole.reports / 30)) {
        let rest = try run(solver, from: run(solver, last: last).kept)
        #expect(
          Outcome(rest.solution, countsPasses: false)
            == Outcome(whole.solution, countsPasses: false), "\(last) of \(whole.reports)")
      }
    }
    let solver = try #require(Algorithm.named(name)).solver(limits)
    try tryAll(solver)
  }

  /// Options by name: nonsense is refused, what makes sense is taken, and the documentation lists them all.
  @Test func optionsAreSetByName() throws {
    let docs = try String(
      contentsOfFile: #filePath.replacing(
        "Tests/SolversTests/EverySolverTests.swift", with: "docs/algorithms.md"), encoding: .utf8)
    func tryAll(_ solver: some ResumableSolver) throws {
      var solver = solver
      let name = type(of: solver).name
      let names = type(of: solver).options.map(\.name)
      #expect(Set(names).count == names.count)
      let line = docs.split(separator: "\n").first { $0.hasPrefix("| \(name) | `") }
      #expect(names.isEmpty == (line == nil), "\(name)")
      for option in names {
        #expect(line?.contains("`\(option)`") == true, "\(name) \(option)")
        #expect(throws: RecoveryError.self) { try solver.set(option, to: "nonsense") }
        let before = "\(solver)"
        let texts = ["7", "0.3", "sp", "true", "direct", "quick"]
        for text in texts where (try? solver.set(option, to: text)) != nil { break }
        #expect("\(solver)" != before, "\(name) \(option)")
      }
      #expect(throws: RecoveryError.self) { try solver.set("no-such-option", to: "1") }
    }
    for algorithm in Algorithm.all { try tryAll(algorithm.solver(Limits())) }
    try tryAll(Portfolio())
    // Numbers out of range leave what was there.
    func refuses(_ solver: some ResumableSolver, _ option: String, _ texts: [String]) {
      var solver = solver
      let before = "\(solver)"
      for text in texts {
        #expect(throws: RecoveryError.self, "\(option) \(text)") {
          try solver.set(option, to: text)
        }
        #expect("\(solver)" == before)
      }
    }
    refuses(Splicing(), "exchanges", ["0", "-1"])
    refuses(GOMP(), "atoms-per-step", ["0", "1.5"])
    refuses(HTP(), "step-size", ["0", "-1", "inf", "nan"])
    refuses(FoBa(), "deletion-share", ["1", "-0.1", "nan"])
    refuses(Tabu(), "seed", ["-1"])
  }

  /// The text that stored experiments are compared by knows nothing of who may cancel.
  @Test func whoMayCancelIsNoLimit() {
    var limits = Limits()
    limits.isCancelled = { false }
    #expect("\(OMP(limits: limits))" == "\(OMP())")
    #expect(
      "\(limits)" == "Limits(iterations: 1000, time: nil, stagnation: nil, tolerance: 1e-12)")
  }

  /// A well-conditioned problem without noise has one answer, on every backend, and in single
  /// precision too: only gradients are computed in it.
  @Test(arguments: scalable, 1...3) func theTruthIsFound(_ algorithm: Algorithm, seed: UInt64)
    throws
  {
    let (synthetic, problem) = try draw(.gaussian(rows: 120, columns: 160), 5, seed: seed)
    let places = try everyBackend().map { ($0, Precision.double) } + [(CPUBackend(), .single)]
    for (backend, precision) in places {
      let solution = try algorithm.solver(Limits())
        .solve(problem, sparsity: 5, on: backend, precision: precision)
      #expect(solution.support == synthetic.support)
      for (found, truth) in zip(solution.coefficients, synthetic.coefficients) {
        #expect(abs(found - truth) < 1e-12)
      }
    }
  }

  @Test(arguments: scalable, 1...3)
  func orthonormalColumnsAreSolvedAtOnce(_ algorithm: Algorithm, seed: UInt64) throws {
    let (synthetic, problem) = try draw(.dct(rows: 64, columns: 64), 9, seed: seed)
    let solution = try solve(algorithm, problem, 9)
    #expect(solution.support == synthetic.support)
    #expect(solution.iterations <= 9)
  }

  /// Gradients from cached Gram columns lead to the supports that passes over A lead to.
  @Test(arguments: scalable, 1...3)
  func gramColumnsChangeNothing(_ algorithm: Algorithm, seed: UInt64) throws {
    let (_, problem) = try draw(
      .gaussian(rows: 50, columns: 120), 8, snr: 20, seed: seed)
    func visits(_ engine: any Engine, _ use: GramUse) throws -> [[Int]] {
      var limits = Limits()
      limits.iterations = 100
      let loaded = Workspace(problem, on: engine, use: use)
      var visited: [[Int]] = []
      _ = try algorithm.solver(limits).solve(loaded, sparsity: 8) {
        visited.append($0.support)
        return .proceed
      }
      return visited
    }
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    #expect(try visits(engine, .always) == visits(engine, .never))
  }

  @Test(arguments: scalable, [1e-6, 1e6, 1e-250, 1e250])
  func theUnitOfTheObservationDoesNotMatter(_ algorithm: Algorithm, unit: Double) throws {
    let (synthetic, plain) = try draw(
      .gaussian(rows: 50, columns: 120), 8, snr: 20, seed: 7)
    let scaled = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation.map { $0 * unit })
    let (a, b) = (try solve(algorithm, plain, 8), try solve(algorithm, scaled, 8))
    #expect(a.support == b.support && a.iterations == b.iterations)
    for (x, z) in zip(a.coefficients, b.coefficients) { #expect(abs(z / unit - x) < 1e-12) }
  }

  /// But for SEA from zero, whose first support is a tie.
  @Test(arguments: scalable.filter { $0.name != SEA.name }, 1...3)
  func theOrderOfTheColumnsDoesNotMatter(_ algorithm: Algorithm, seed: UInt64) throws {
    let (synthetic, plain) = try draw(
      .gaussian(rows: 50, columns: 120), 8, snr: 20, seed: seed)
    var generator = SeededGenerator(seed: seed)
    let order = Array(0..<120).shuffled(using: &generator)
    let permuted = try state(
      order.map { j in (0..<50).map { synthetic.matrix[$0, j] } }, synthetic.observation)
    let (a, b) = (try solve(algorithm, plain, 8), try solve(algorithm, permuted, 8))
    #expect(b.support.map { order[$0] }.sorted() == a.support)
  }

  /// The answer is a projection, and no worse than anything reported on the way.
  @Test(arguments: scalable, 1...3)
  func theBestSeenIsReturned(_ algorithm: Algorithm, seed: UInt64) throws {
    let (_, problem) = try draw(
      .deconvolution(size: 80, width: 2), 6, snr: 25, seed: seed)
    var reports: [IterationReport] = []
    let solution = try algorithm.solver(Limits()).solve(problem, sparsity: 6, on: CPUBackend()) {
      // Some are started by another solver, which reports as well.
      if $0.solver == algorithm.name { reports.append($0) }
      return .proceed
    }
    let best = try #require(reports.map(\.relativeResidual).min())
    #expect(solution.relativeResidual <= best + 1e-14)
    // Some report one iteration of many.
    let first = reports.first { $0.iteration == solution.bestIteration }
    #expect(first?.support == solution.support)
    #expect(solution.iterations == reports.last.map { $0.iteration + 1 })
    for report in reports {
      #expect(report.support.count <= 6 && report.support == Set(report.support).sorted())
    }
  }

  @Test(arguments: [IHT(), NIHT(), AIHT()] as [any Solver], 1...5)
  func safeStepsNeverRaiseTheResidual(_ solver: any Solver, seed: UInt64) throws {
    let (_, problem) = try draw(.gaussian(rows: 50, columns: 120), 8, snr: 20, seed: seed)
    var residuals: [Double] = []
    _ = try solver.solve(problem, sparsity: 8, on: CPUBackend()) {
      residuals.append($0.relativeResidual)
      return .proceed
    }
    for (earlier, later) in zip(residuals, residuals.dropFirst()) {
      #expect(later <= earlier + 1e-14)
    }
  }
}
