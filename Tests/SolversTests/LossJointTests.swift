import CPUBackend
import Glibc
import Losses
import Solvers
import SparseCore
import SparseRecoveryTesting
import TestSupport
import Testing

/// One support for several observations under other losses than least squares.
@Suite struct LossJointTests {
  /// Those of 40 rows and 8 columns unless said otherwise: labels of three kinds that share most of their columns.
  private struct Several {
    let sample: LossSample
    let labels: [[Double]]
    let numbers: [[Double]]

    init(seed: UInt64, columns: Int = 8) throws {
      let sample = try LossSample(rows: 40, columns: columns, seed: seed)
      self.sample = sample
      var generator = SeededGenerator(seed: seed)
      let scores = (0..<3).map { l in
        (0..<40).map { (i: Int) -> Double in
          let shared = sample.matrix[i, 1] - 0.8 * sample.matrix[i, 4]
          let own = l == 2 ? sample.matrix[i, 6] : 0
          return Double(l + 1) * shared + own + generator.normal()
        }
      }
      numbers = scores
      // Some labels are wrong, so that no plane tells them apart.
      labels = scores.enumerated().map { l, scores in
        scores.enumerated().map { i, score in (score > 0.2) != (i % 6 == l) ? 1 : 0 }
      }
    }

    func problem(
      _ loss: any Loss, _ model: RecoveryModel = RecoveryModel(), plane l: Int = 0
    ) throws -> RecoveryProblem {
      try RecoveryProblem(
        matrix: .double(sample.matrix),
        observation: loss is LogisticLoss ? labels[l] : numbers[l], model: model, loss: loss)
    }
  }

  private static func model(_ isNonnegative: Bool) -> RecoveryModel {
    var model = RecoveryModel()
    model.hasIntercept = true
    model.isNonnegative = isNonnegative
    return model
  }

  /// Each observation has the minimum on the support that was found for all, and nobody is better than the best support
  /// there is, which the portfolio finds here.
  @Test(arguments: [false, true], 1...3) func againstSeparateFits(
    isNonnegative: Bool, seed: UInt64
  ) throws {
    let several = try Several(seed: seed)
    let problem = try several.problem(LogisticLoss(), Self.model(isNonnegative))
    let problems = try (0..<3).map {
      try several.problem(LogisticLoss(), Self.model(isNonnegative), plane: $0)
    }
    func total(_ support: [Int]) -> Double {
      problems.reduce(0) { $0 + LossTests.fit(support, $1, several.sample).objective }
    }
    let supports = (0..<1 << 8).map { mask in (0..<8).filter { mask >> $0 & 1 == 1 } }
      .filter { $0.count == 3 }
    let least = supports.map(total).min() ?? 0
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    for solver in LossTests.solvers as [any ResumableSolver] + [Portfolio()] {
      // Its points are no projections.
      if isNonnegative, solver is CoSaMP { continue }
      let found = try Joint(solver).solve(
        problem, observations: several.labels, sparsity: 3, with: engine)
      #expect(found.count == 3 && Set(found.map(\.support)).count == 1)
      let support = found[0].support
      for (solution, own) in zip(found, problems) {
        let fit = LossTests.fit(support, own, several.sample)
        #expect(abs(solution.loss - fit.value) <= 1e-10 * fit.value)
        let all = solution.coefficients + (solution.intercept.map { [$0] } ?? [])
        for (c, expected) in zip(all, fit.coefficients) { #expect(abs(c - expected) < 1e-7) }
        guard !isNonnegative else { continue }
        let alone = try FixedSupport(support).solve(own, sparsity: 3, on: CPUBackend())
        #expect(alone.coefficients == solution.coefficients)
        #expect(alone.relativeResidual == solution.relativeResidual)
      }
      let sum = total(support)
      #expect(sum >= least * (1 - 1e-10))
      if solver is Portfolio { #expect(sum <= least * (1 + 1e-10)) }
    }
  }

  /// Newton's method makes of joint least squares what the projection does.
  @Test(arguments: LossTests.solvers.indices, [false, true]) func isTheProjection(
    number: Int, isNonnegative: Bool
  ) throws {
    var solver = LossTests.solvers[number]
    if solver is SEA { solver = SEA(gradient: .direct) }
    solver.limits.iterations = 60
    let several = try Several(seed: 7)
    func solve(_ loss: any Loss) throws -> [SparseSolution] {
      let problem = try several.problem(loss, Self.model(isNonnegative))
      do {
        return try Joint(solver).solve(
          problem, observations: several.numbers, sparsity: 3,
          with: CPUBackend().load(problem.atoms, precision: .double))
      } catch RecoveryError.unsupportedModel { return [] }
    }
    let (mine, its) = (try solve(SquaredLoss()), try solve(OtherSquaredLoss()))
    #expect(mine.count == its.count && mine.isEmpty == (isNonnegative && solver is CoSaMP))
    for (a, b) in zip(mine, its) {
      // Of another loss a model is made until it leads to the same support again.
      #expect(a.support == b.support && (a.iterations == b.iterations || solver is Backward))
      for (x, y) in zip(a.coefficients, b.coefficients) { #expect(abs(x - y) < 1e-10) }
      #expect(abs(a.relativeResidual - b.relativeResidual) < 1e-12)
    }
  }

  /// One observation is solved as it is without company, to the bit.
  @Test(arguments: LossTests.solvers.indices) func oneIsAsAlone(number: Int) throws {
    let several = try Several(seed: 5)
    let problem = try several.problem(LogisticLoss())
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    for solver in [LossTests.solvers[number], Portfolio()] as [any ResumableSolver] {
      let alone = try solver.solve(problem, sparsity: 3, with: engine)
      let joint = try Joint(solver).solve(
        problem, observations: [several.labels[0]], sparsity: 3, with: engine)
      #expect(joint.map { Outcome($0) } == [Outcome(alone)])
    }
  }

  /// Every solver goes on from its checkpoints.
  @Test(arguments: LossTests.solvers.indices, [false, true]) func solversConform(
    number: Int, isNonnegative: Bool
  ) throws {
    var solver = LossTests.solvers[number]
    solver.limits.iterations = 40
    try expectConformance(
      of: solver, model: Self.model(isNonnegative), loss: LogisticLoss(), observations: 3,
      observed: { $0 > 0 ? 1 : 0 })
    try expectConformance(
      of: solver, model: Self.model(isNonnegative), loss: try HuberLoss(threshold: 0.3),
      observations: 2)
  }

  @Test func portfolioResumes() throws {
    let several = try Several(seed: 6, columns: 40)
    let problem = try several.problem(LogisticLoss(), Self.model(true))
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var kept: [CompositeCheckpoint] = []
    func solve(
      _ start: CompositeCheckpoint?, _ keeper: CheckpointKeeper<CompositeCheckpoint>?
    ) throws -> [SparseSolution] {
      try Portfolio(rounds: 1).solve(
        Workspace(problem, on: engine), jointly: several.labels, sparsity: 4, resuming: start,
        keeper: keeper)
    }
    let whole = try solve(nil, CheckpointKeeper(isDue: { true }, keep: { kept.append($0) }))
    #expect(whole[0].attempts.map(\.solver).suffix(2) == ["exchanges", "search"])
    for checkpoint in kept.enumerated().filter({ $0.offset % 9 == 0 }).map(\.element) {
      let rest = try solve(checkpoint, nil)
      #expect(
        rest.map { Outcome($0, countsPasses: false) }
          == whole.map { Outcome($0, countsPasses: false) })
    }
  }

  /// Criteria of a path are made of the deviance of all observations, with coefficients of each; losses never increase.
  @Test func pathsAndCriteria() throws {
    let several = try Several(seed: 8)
    let problem = try several.problem(LogisticLoss(), Self.model(false))
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let path = try SparsityPath(solver: Portfolio()).solve(
      Workspace(problem, on: engine), jointly: several.labels, sparsities: 0...4)
    let null = path.points[0].loss
    var before = Double.infinity
    for (k, point) in path.points.enumerated() {
      #expect(
        point.solutions.allSatisfy { $0.support == point.support } && point.support.count == k)
      let deviance = 2 * point.solutions.reduce(0) { $0 + $1.loss }
      #expect(abs(2 * point.loss - deviance) <= 1e-12 * deviance && point.loss <= before)
      #expect(abs(point.relativeResidual * point.relativeResidual - point.loss / null) < 1e-12)
      before = point.loss
      let (m, p) = (120.0, 3 * Double(k + 1))
      for (criterion, penalty) in [
        (InformationCriterion.aic, 2 * p), (.bic, p * log(m)), (.gic, p * log(8) * log(log(m))),
      ] {
        let value = try path.values(of: criterion, for: problem)[k]
        #expect(abs(value - deviance - penalty) <= 1e-10 * deviance)
      }
    }
  }

  /// Errors held out are the sum of those of the observations, each twice its mean loss.
  @Test func errorsHeldOut() throws {
    let several = try Several(seed: 9)
    let problem = try several.problem(LogisticLoss(), Self.model(false))
    let found = try #require(
      try CrossValidation(
        path: SparsityPath(solver: OMP()), plan: FoldPlan(4, seed: 3)
      ).run(
        problem.atoms.operator, jointly: several.labels, model: problem.model,
        loss: LogisticLoss(), sparsities: 1...3, on: CPUBackend()))
    for (heldOut, errors) in zip(found.rows.heldOut, found.folds) {
      var own = problem.model
      own.weights = (0..<40).map { heldOut.contains($0) ? 0 : 1 }
      let part = try RecoveryProblem(
        problem.atoms.operator, observation: several.labels[0], model: own, loss: LogisticLoss())
      for (k, error) in zip(1...3, errors) {
        let solutions = try Joint(OMP()).solve(
          part, observations: several.labels, sparsity: k,
          with: CPUBackend().load(part.atoms, precision: .double))
        var expected = 0.0
        for (x, y) in zip(solutions, several.labels) {
          for i in heldOut {
            let η = zip(x.support, x.coefficients).reduce(x.intercept ?? 0) {
              $0 + several.sample.matrix[i, $1.0] * $1.1
            }
            expected += 2 * log1p(exp((1 - 2 * y[i]) * η)) / Double(heldOut.count)
          }
        }
        #expect(abs(error - expected) <= 1e-9 * expected)
      }
    }
  }

  /// An observation that makes no sense is named, of whichever it is.
  @Test func observationsAreChecked() throws {
    let several = try Several(seed: 10)
    let problem = try several.problem(LogisticLoss())
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    #expect(throws: RecoveryError.observationOutOfRange(index: 0, value: 7, expected: "0 or 1")) {
      _ = try Joint().solve(
        problem, observations: [several.labels[0], Array(repeating: 7, count: 40)], sparsity: 2,
        with: engine)
    }
  }
}
