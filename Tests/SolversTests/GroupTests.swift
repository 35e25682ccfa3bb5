import CPUBackend
import Glibc
import LeastSquares
import Losses
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// Groups of columns that are selected as a whole.
@Suite struct GroupTests {
  /// Those that select groups, and the portfolio.
  static let methods: [any ResumableSolver] =
    Algorithm.all.map { $0.solver(Limits()) }.filter(\.recoversGroups) + [Portfolio()]

  /// Groups of one to four columns, mixed, three of which make y; columns of a group are alike.
  struct Drawn {
    let matrix: Matrix<Double>
    let labels: [Int]
    let y: [Double]
    let truth: [Int]

    init(rows: Int, groups: Int, active: Int, noise: Double, seed: UInt64) throws {
      var generator = SeededGenerator(seed: seed)
      let inOrder = (0..<groups).flatMap { g in Array(repeating: g, count: 1 + g % 4) }
      labels = generator.shuffled(inOrder)
      let centres = (0..<groups).map { _ in (0..<rows).map { _ in generator.normal() } }
      let columns = labels.map { label in centres[label].map { 0.7 * $0 + generator.normal() } }
      truth = Array(generator.shuffled(Array(0..<groups)).prefix(active)).sorted()
      var y = (0..<rows).map { _ in noise * generator.normal() }
      for (column, label) in zip(columns, labels) where truth.contains(label) {
        let c = generator.normal()
        for i in y.indices { y[i] += c * column[i] }
      }
      self.y = y
      matrix = try Matrix(
        rows: rows, columns: columns.count, columnMajor: columns.flatMap { $0 })
    }

    func problem(_ change: (inout RecoveryModel) -> Void = { _ in }) throws -> RecoveryProblem {
      var model = RecoveryModel()
      model.columnGroups = labels
      change(&model)
      return try RecoveryProblem(matrix: .double(matrix), observation: y, model: model)
    }

    func columns(of groups: [Int]) -> [Int] {
      labels.indices.filter { groups.contains(labels[$0]) }
    }
  }

  /// The models that groups meet.
  static let models: [@Sendable (inout RecoveryModel) -> Void] = [
    { _ in }, { $0.ridge = 0.3 },
    {
      $0.hasIntercept = true
      $0.weights = (0..<40).map { Double($0 % 4) }
    },
    { $0.excluded = [0, 5, 6] },
    { model in
      let labels = model.columnGroups ?? []
      model.included = Set(labels.indices.filter { labels[$0] == 2 })
      model.isStandardized = true
    },
  ]

  @Test(arguments: methods.indices, 1...4) func findsWhatMadeTheObservation(
    number: Int, seed: UInt64
  ) throws {
    let drawn = try Drawn(rows: 60, groups: 12, active: 2, noise: 0.01, seed: seed)
    let problem = try drawn.problem()
    for backend in try everyBackend() {
      let found = try Self.methods[number].solve(problem, sparsity: 2, on: backend)
      #expect(found.support == drawn.columns(of: drawn.truth))
    }
  }

  /// Of all pairs of groups, each projected by itself.
  @Test(arguments: models.indices, 1...3) func theBestIsThatOfAllSupports(
    model: Int, seed: UInt64
  ) throws {
    let drawn = try Drawn(rows: 40, groups: 9, active: 3, noise: 1, seed: seed)
    let problem = try drawn.problem(Self.models[model])
    let groups = try #require(problem.atoms.groups)
    let count = 3 - problem.atoms.requiredCount
    var least = Double.infinity
    func extend(_ chosen: [Int], from first: Int) throws {
      guard chosen.count < count else {
        return least = min(
          least, try problem.projection(onto: groups.atoms(of: chosen)).residualNorm)
      }
      for group in first..<groups.count { try extend(chosen + [group], from: group + 1) }
    }
    try extend([], from: 0)
    for solver in [Exhaustive(), Portfolio()] as [any Solver] {
      let found = try solver.solve(problem, sparsity: 3, on: CPUBackend())
      #expect(abs(found.lossNorm - least) < 1e-12 * max(found.lossNorm, 1))
      #expect(found.optimalityGap == 0)
      #expect(Set(found.support.map { drawn.labels[$0] }).count == 3)
    }
  }

  /// Where each column is a group of its own, as without groups.
  @Test(arguments: methods.indices) func groupsOfOneAreColumns(number: Int) throws {
    let solver = Self.methods[number]
    for seed in 1...3 as ClosedRange<UInt64> {
      let matrix = try MatrixEnsemble.gaussian(rows: 30, columns: 50).matrix(seed: seed)
      var generator = SeededGenerator(seed: seed)
      let y = (0..<30).map { i in
        matrix[i, 3] - 2 * matrix[i, 17] + matrix[i, 40] + 0.2 * generator.normal()
      }
      var model = RecoveryModel()
      let plain = try RecoveryProblem(matrix: .double(matrix), observation: y)
      model.columnGroups = (0..<50).map { 7 * $0 - 11 }
      let grouped = try RecoveryProblem(matrix: .double(matrix), observation: y, model: model)
      let k = solver is Exhaustive ? 2 : 3
      let expected = try solver.solve(plain, sparsity: k, on: CPUBackend())
      let found = try solver.solve(grouped, sparsity: k, on: CPUBackend())
      #expect(found.support == expected.support)
    }
  }

  /// The walks end at the optimum where pursuits do not lead to it.
  @Test(arguments: 1...6) func searchesFindTheOptimum(seed: UInt64) throws {
    let drawn = try Drawn(rows: 50, groups: 40, active: 5, noise: 3, seed: seed)
    let problem = try drawn.problem()
    let best = try Exhaustive().solve(problem, sparsity: 3, on: CPUBackend())
    var portfolio = Portfolio(threads: 2)
    portfolio.mostFitWork = 0
    let found = try portfolio.solve(problem, sparsity: 3, on: CPUBackend())
    #expect(found.lossNorm <= best.lossNorm * (1 + 1e-12))
    #expect(found.rounds > 0)
    // As many rounds, and any number of threads, give the same.
    portfolio.threads = 1
    portfolio.rounds = found.rounds
    let again = try portfolio.solve(problem, sparsity: 3, on: CPUBackend())
    #expect(again.support == found.support && again.iterations == found.iterations)
  }

  /// More atoms than one working set takes.
  @Test func searchesAmongManyColumns() throws {
    let drawn = try Drawn(rows: 120, groups: 900, active: 8, noise: 0.5, seed: 3)
    #expect(drawn.labels.count > WorkingSetSize.few)
    let found = try Portfolio().solve(drawn.problem(), sparsity: 8, on: CPUBackend())
    let truth = try FixedSupport(drawn.columns(of: drawn.truth)).solve(
      drawn.problem(), sparsity: 8, on: CPUBackend())
    #expect(found.lossNorm <= truth.lossNorm * (1 + 1e-12))
  }

  /// One support of groups for several observations, and under other losses.
  @Test(arguments: methods.indices) func observationsAndLossesMeetGroups(number: Int) throws {
    let drawn = try Drawn(rows: 80, groups: 10, active: 2, noise: 0.1, seed: 9)
    let solver = Self.methods[number]
    let others = drawn.y.enumerated().map { i, y in y * 0.5 + drawn.matrix[i, 0] * 0.01 }
    func solve(_ solver: some ResumableSolver) throws -> [SparseSolution] {
      let problem = try drawn.problem()
      let engine = try CPUBackend().load(problem.atoms, precision: .double)
      return try solver.solve(
        Workspace(problem, on: engine), jointly: [drawn.y, others], sparsity: 2, resuming: nil,
        keeper: nil)
    }
    let truth = drawn.columns(of: drawn.truth)
    #expect(try solve(solver).allSatisfy { $0.support == truth })
    var model = RecoveryModel()
    model.columnGroups = drawn.labels
    model.hasIntercept = true
    let labels = drawn.y.map { $0 > 0.3 ? 1.0 : 0 }
    let logistic = try RecoveryProblem(
      matrix: .double(drawn.matrix), observation: labels, model: model, loss: LogisticLoss())
    let found = try solver.solve(logistic, sparsity: 2, on: CPUBackend())
    #expect(Set(found.support.map { drawn.labels[$0] }).count == 2)
    #expect(
      found.support == drawn.columns(of: Set(found.support.map { drawn.labels[$0] }).sorted()))
    #expect(found.relativeResidual < 0.7)
  }

  /// A path counts groups, and its losses do not rise.
  @Test(arguments: [0, 1, 2, 4]) func pathsCountGroups(model: Int) throws {
    let drawn = try Drawn(rows: 40, groups: 14, active: 3, noise: 1, seed: 4)
    let problem = try drawn.problem(Self.models[model])
    let least = problem.atoms.requiredCount
    for path in [SparsityPath(), SparsityPath(solver: OMP()), SparsityPath(solver: nil)] {
      let found = try path.solve(problem, sparsities: least...6, on: CPUBackend())
      #expect(found.points.count == 7 - least)
      for (point, next) in zip(found.points, found.points.dropFirst()) {
        #expect(next.solution.lossNorm <= point.solution.lossNorm * (1 + 1e-12))
        #expect(Set(next.solution.support.map { drawn.labels[$0] }).count == next.sparsity)
      }
    }
  }

  /// Criteria count columns for the coefficients, and groups for the choices.
  @Test func criteriaCountColumnsAndGroups() throws {
    let drawn = try Drawn(rows: 60, groups: 12, active: 2, noise: 0.5, seed: 2)
    let problem = try drawn.problem()
    let found = try Portfolio().solve(problem, sparsity: 2, on: CPUBackend())
    let rows = 60.0
    let square = found.residualNorm * found.residualNorm / rows
    let p = Double(found.support.count)
    let ebic = try InformationCriterion.ebic(γ: 1).value(of: found, for: problem)
    // C(12, 2) = 66.
    let expected: Double = rows * log(square) + p * log(rows) + 2 * log(66.0)
    #expect(abs(ebic - expected) < 1e-9)
    let chosen = try SparsityPath().solve(problem, sparsities: 0...5, on: CPUBackend())
      .best(by: .bic, for: problem)
    #expect(chosen.solution.support == drawn.columns(of: drawn.truth))
  }

  @Test func whatCannotBeIsRefused() throws {
    let drawn = try Drawn(rows: 40, groups: 9, active: 2, noise: 1, seed: 1)
    func refusal(_ change: (inout RecoveryModel) -> Void) -> RecoveryError? {
      do {
        _ = try drawn.problem(change)
        return nil
      } catch { return error as? RecoveryError }
    }
    #expect(
      refusal { $0.columnGroups?.removeLast() }
        == .invalidOption(
          name: "column-groups", value: "\(drawn.labels.count - 1) groups",
          expected: "\(drawn.labels.count), one for each column"))
    #expect(refusal { $0.isNonnegative = true } != nil)
    let group = drawn.labels.indices.filter { drawn.labels[$0] == 3 }
    #expect(group.count == 4)
    #expect(
      refusal { $0.included = [group[0], group[1], group[3]] }
        == .invalidOption(
          name: "include", value: "a part of a group",
          expected: "whole groups, and so column \(group[2]) as well"))
    #expect(
      refusal {
        $0.included = [group[0], group[1], group[3]]
        $0.excluded = [group[2]]
      } == nil)
    let problem = try drawn.problem()
    #expect(
      throws: RecoveryError.invalidOption(
        name: "sparsity", value: "10", expected: "1 to 9, the number of groups")
    ) { try OMP().solve(problem, sparsity: 10, on: CPUBackend()) }
    for algorithm in Algorithm.all where !algorithm.solver(Limits()).recoversGroups {
      #expect(
        throws: RecoveryError.unsupportedModel(solver: algorithm.name, option: "groups of columns")
      ) { try algorithm.solver(Limits()).solve(problem, sparsity: 2, on: CPUBackend()) }
    }
    #expect(throws: RecoveryError.self) {
      try FixedSupport([group[0]]).solve(problem, sparsity: 2, on: CPUBackend())
    }
  }

  /// Groups of which nothing can be selected have no part, and the solution says so.
  @Test func groupsWithoutUsableColumnsAreCounted() throws {
    let drawn = try Drawn(rows: 40, groups: 5, active: 2, noise: 1, seed: 6)
    let gone = Set(drawn.labels.indices.filter { [1, 3].contains(drawn.labels[$0]) })
    let problem = try drawn.problem { $0.excluded = gone }
    let found = try Portfolio().solve(problem, sparsity: 5, on: CPUBackend())
    #expect(found.warnings == [.groupsReduced(from: 5, to: 3)])
    #expect(found.support == drawn.columns(of: [0, 2, 4]))
  }

  /// A break changes nothing, alone and for several observations.
  @Test(arguments: methods.indices, 0..<3) func solversConform(number: Int, model: Int) throws {
    guard var solver = Self.methods[number] as? any IterativeSolver else { return }
    solver.limits.iterations = 40
    var options = RecoveryModel()
    options.columnGroups = (0..<100).map { $0 * 37 % 40 }
    if model == 1 { options.ridge = 0.2 }
    options.hasIntercept = model == 2
    try expectConformance(
      of: solver, sparsity: solver is Exhaustive ? 2 : 4, model: options,
      observations: model == 2 ? 2 : 1, on: CPUBackend())
  }
}
