import CPUBackend
import Glibc
import Losses
import Solvers
import SparseCore
import SparseRecoveryTesting
import TestSupport
import Testing

/// Where a loss has no minimum, and where a solver, an option or an observation does not go with it.
@Suite struct LossRefusalTests {
  private func problem(
    columns: [[Double]], _ y: [Double], _ model: RecoveryModel = RecoveryModel(),
    loss: any Loss = LogisticLoss()
  ) throws -> RecoveryProblem {
    try RecoveryProblem(
      matrix: .double(
        Matrix(
          rows: y.count, columns: columns.count, columnMajor: columns.flatMap { $0 })),
      observation: y, model: model, loss: loss)
  }

  private func error(_ body: () throws -> Void) -> RecoveryError? {
    do {
      try body()
      return nil
    } catch { return error as? RecoveryError }
  }

  @Test(arguments: [0, -1, .nan, .infinity]) func thresholdsAreChecked(threshold: Double) {
    let refusal = error { _ = try HuberLoss(threshold: threshold) }
    #expect("\(refusal.map { "\($0)" } ?? "")".contains("expected a finite number above 0"))
  }

  /// A plane separates the labels: nothing is left to explain, said with a warning; a ridge has a minimum.
  @Test func separableLabels() throws {
    var generator = SeededGenerator(seed: 1)
    let columns = (0..<5).map { _ in (0..<30).map { _ in generator.normal() } }
    let y = columns[3].map { $0 > 0 ? 1.0 : 0 }
    let separable = try problem(columns: columns, y)
    for solver in LossTests.solvers as [any Solver] + [Portfolio(), FixedSupport([1, 3])] {
      let solution = try solver.solve(separable, sparsity: 2, on: CPUBackend())
      #expect(solution.warnings == [.unboundedFit(loss: "logistic")])
      #expect(solution.support.contains(3) && solution.relativeResidual < 1e-12)
      #expect(solution.coefficients.allSatisfy { $0.isFinite })
    }
    var model = RecoveryModel()
    model.ridge = 1e-3
    let ridged = try problem(columns: columns, y, model)
    let solution = try OMP().solve(ridged, sparsity: 2, on: CPUBackend())
    #expect(solution.warnings.isEmpty && solution.relativeResidual > 1e-3)
  }

  /// With a majorant of the curvature steps towards infinity shrink, and are bounded in number.
  @Test func separableLabelsUnderAMajorant() throws {
    var generator = SeededGenerator(seed: 1)
    let columns = (0..<5).map { _ in (0..<30).map { _ in generator.normal() } }
    let y = columns[3].map { $0 > 0 ? 1.0 : 0 }
    let separable = try problem(columns: columns, y, loss: BoundedLogisticLoss())
    let solution = try OMP().solve(separable, sparsity: 2, on: CPUBackend())
    #expect(solution.warnings == [.unboundedFit(loss: "bounded logistic")])
    #expect(solution.support.contains(3))
    // After t steps f − f(z) ≤ zᵀHz / 2t for any z (Beck and Teboulle 2009, theorem 3.1): here along column 3.
    let bounds = (0..<10).map { exponent in
      let s = Double(1 << exponent)
      return columns[3].reduce(0) { $0 + log1p(exp(-s * abs($1))) + s * s * $1 * $1 / 8 / 500 }
    }
    #expect(solution.loss <= bounds.reduce(.infinity, min))
  }

  /// All labels are 1 where a column is; elsewhere they are mixed: the loss falls to that of the others alone.
  @Test func partlySeparableLabels() throws {
    let column = (0..<40).map { $0 % 4 == 0 ? 1.0 : 0 }
    let y = (0..<40).map { $0 % 4 == 0 || $0 % 3 == 0 ? 1.0 : 0 }
    var model = RecoveryModel()
    model.hasIntercept = true
    let solution = try OMP().solve(
      problem(columns: [column], y, model), sparsity: 1, on: CPUBackend())
    #expect(solution.warnings == [.unboundedFit(loss: "logistic")])
    let others = (0..<40).filter { column[$0] == 0 }
    let share = Double(others.count { y[$0] == 1 }) / Double(others.count)
    let entropy = -share * log(share) - (1 - share) * log(1 - share)
    // Off by what is gained at infinity, e^−η: below the rounding of the sum.
    let expected = Double(others.count) * entropy
    #expect(abs(solution.loss - expected) <= 64 * 40 * Double.ulpOfOne * expected)
  }

  /// One label only, and a constant that explains it: the empty support.
  @Test func oneLabel() throws {
    var generator = SeededGenerator(seed: 6)
    let columns = (0..<5).map { _ in (0..<30).map { _ in generator.normal() } }
    var model = RecoveryModel()
    model.hasIntercept = true
    let solution = try SEA().solve(
      problem(columns: columns, Array(repeating: 1, count: 30), model), sparsity: 2,
      on: CPUBackend())
    #expect(solution.support.isEmpty && solution.stopReason == .residual)
    #expect(solution.relativeResidual == 0 && (solution.intercept ?? 0) > 30)
    #expect(solution.warnings == [.unboundedFit(loss: "logistic")])
  }

  /// The same column twice: coefficients of least norm, said with a warning.
  @Test func dependentColumns() throws {
    let sample = try LossSample(rows: 40, columns: 4, seed: 2)
    let column = sample.column(0)
    let twice = try problem(columns: [column, sample.column(1), column], sample.labels)
    let both = try FixedSupport([0, 1, 2]).solve(twice, sparsity: 3, on: CPUBackend())
    let one = try FixedSupport([0, 1]).solve(twice, sparsity: 2, on: CPUBackend())
    #expect(both.warnings == [.dependentColumns(rank: 2, sparsity: 3)])
    #expect(abs(both.loss - one.loss) <= 1e-10 * one.loss)
    // Gradients end at some 10⁻¹² of what they come from.
    for (c, d) in zip(both.coefficients, [one.coefficients[0] / 2, one.coefficients[1]]) {
      #expect(abs(c - d) < 1e-10)
    }
    #expect(abs(both.coefficients[0] - both.coefficients[2]) < 1e-10)
  }

  /// Solvers of least squares say so before they read the matrix; and these are all others.
  @Test func solversOfLeastSquares() throws {
    #expect(
      LossTests.solvers.map { type(of: $0).name }.sorted()
        == ["backward", "cosamp", "foba", "gomp", "htp", "omp", "ompr", "sea", "sp", "splicing"])
    let (problem, _) = try LossTests.problem(.logistic, .plain, seed: 1)
    for algorithm in Algorithm.all {
      let solver = algorithm.solver(Limits())
      guard !solver.minimizesAnyLoss else { continue }
      let workspace = Workspace(
        problem, on: try CPUBackend().load(problem.atoms, precision: .double))
      let found = error {
        _ = try solver.solve(workspace, sparsity: 2) { _ in .proceed }
      }
      #expect(found == .unsupportedModel(solver: algorithm.name, option: "the logistic loss"))
      #expect(found?.kind == .request && workspace.matrixPasses == 0)
    }
  }

  /// What is made of solves and knows least squares alone.
  @Test func othersOfLeastSquares() throws {
    let (problem, _) = try LossTests.problem(.logistic, .plain, seed: 1)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let workspace = Workspace(problem, on: engine)
    let refusals: [RecoveryError?] = [
      error { _ = try SparsityPath(solver: Tabu()).solve(workspace, sparsities: 1...3) },
      error {
        _ = try Joint(ELS()).solve(
          workspace, observations: [problem.observation, problem.observation], sparsity: 2)
      },
      error { _ = try workspace.exactStep(along: SparseVector(support: [1], coefficients: [1])) },
      error { _ = try SEA(start: .solver(ELS())).solve(workspace, sparsity: 2) { _ in .proceed } },
    ]
    for refusal in refusals {
      guard case .unsupportedModel(_, "the logistic loss") = refusal else {
        Issue.record("refused by \(String(describing: refusal))")
        continue
      }
    }
    let (robust, _) = try LossTests.problem(.huber, .plain, seed: 1)
    let fit = try OMP().solve(robust, sparsity: 2, on: CPUBackend())
    let refusal = error { _ = try InformationCriterion.bic.value(of: fit, for: robust) }
    guard case .unsupportedModel(_, "the huber loss") = refusal else {
      Issue.record("no likelihood: \(String(describing: refusal))")
      return
    }
    let reduced = try Reduction(problem)
    #expect(reduced == nil)
    guard case .invalidOption("reduce", _, _) = error({ _ = try Reduction(problem, .on) }) else {
      Issue.record("reduced")
      return
    }
  }

  @Test func optionsAndObservations() throws {
    let sample = try LossSample(rows: 20, columns: 4, seed: 2)
    let columns = (0..<4).map(sample.column)
    var signs = RecoveryModel()
    signs.isNonnegative = true
    signs.included = [1]
    #expect(
      error { _ = try problem(columns: columns, sample.labels, signs) }
        == .invalidOption(
          name: "include", value: "1",
          expected: "no columns together with nonnegative coefficients"))
    var y = sample.labels
    y[7] = 2
    let refusal = RecoveryError.observationOutOfRange(index: 7, value: 2, expected: "0 or 1")
    #expect(error { _ = try problem(columns: columns, y) } == refusal)
    #expect(refusal.kind == .data)
    #expect("\(refusal)" == "expected 0 or 1, found 2.0 at index 7 of the observation")
    let plain = try problem(columns: columns, sample.labels)
    #expect(error { _ = try plain.observing(y) } == refusal)
    var model = RecoveryModel()
    model.weights = (0..<20).map { $0 == 7 ? 0 : 1 }
    #expect(error { _ = try problem(columns: columns, y, model) } == nil)
  }

  /// Checkpoints of another loss, or of one with another parameter.
  @Test func checkpointsKnowTheLoss() throws {
    let (huber, sample) = try LossTests.problem(.huber, .plain, seed: 1)
    let engine = try CPUBackend().load(huber.atoms, precision: .double)
    var kept: IterationCheckpoint?
    _ = try OMP().solve(
      Workspace(huber, on: engine), sparsity: 3, resuming: nil,
      keeper: CheckpointKeeper(isDue: { true }, keep: { kept = $0 })
    ) { _ in .proceed }
    for loss in [try HuberLoss(threshold: 2), OtherSquaredLoss(), SquaredLoss()] as [any Loss] {
      let other = try problem(
        columns: (0..<8).map(sample.column), sample.numbers, loss: loss)
      let refusal = error {
        _ = try OMP().solve(
          Workspace(other, on: engine), sparsity: 3, resuming: kept, keeper: nil
        ) { _ in .proceed }
      }
      #expect("\(refusal.map { "\($0)" } ?? "")".contains("found loss huber"))
    }
  }

  /// A loss that breaks one promise.
  struct Broken: Loss {
    enum Promise: CaseIterable {
      case isFinite, isPositive, curves, hasPositiveCurvature, countsRows, falls
    }
    let promise: Promise
    var name: String { "broken" }

    func evaluate(
      _ prediction: [Double], _ observation: [Double], weights: [Double]
    ) -> LossPoint {
      var point = SquaredLoss().evaluate(prediction, observation, weights: weights)
      switch promise {
      case .isFinite: point.value = .nan
      case .isPositive: point.value -= 1e6
      case .curves: point.curvature = point.curvature.map { _ in 0 }
      case .hasPositiveCurvature: point.curvature[3] = -1
      case .countsRows: point.gradient.removeLast()
      case .falls: point.gradient = point.gradient.map(-)
      }
      return point
    }
  }

  @Test(arguments: Broken.Promise.allCases) func brokenLossesAreNamed(promise: Broken.Promise)
    throws
  {
    let sample = try LossSample(rows: 20, columns: 4, seed: 2)
    let broken = try problem(
      columns: (0..<4).map(sample.column), sample.numbers, loss: Broken(promise: promise))
    for solver in LossTests.solvers {
      let found = error { _ = try solver.solve(broken, sparsity: 2, on: CPUBackend()) }
      guard case .lossFailure("broken", _) = found else {
        Issue.record("\(String(describing: found))")
        continue
      }
      #expect(found?.kind == .data)
    }
  }

  /// A loss that is below zero where hardly anything is left: no member may lead there.
  struct Lowered: Loss {
    let depth: Double
    var name: String { "lowered" }

    func evaluate(
      _ prediction: [Double], _ observation: [Double], weights: [Double]
    ) -> LossPoint {
      var point = LogisticLoss().evaluate(prediction, observation, weights: weights)
      point.value -= depth
      return point
    }
  }

  /// The portfolio passes over a member that the loss fails, here where 3k columns separate the labels; and names the
  /// failure where it fails all.
  @Test func membersThatFailArePassedOver() throws {
    let sample = try LossSample(rows: 40, columns: 30, seed: 2)
    let columns = (0..<30).map(sample.column)
    func failure(_ solver: any Solver, _ depth: Double) throws -> RecoveryError? {
      let lowered = try problem(columns: columns, sample.labels, loss: Lowered(depth: depth))
      return error { _ = try solver.solve(lowered, sparsity: 4, on: CPUBackend()) }
    }
    guard case .lossFailure("lowered", _) = try failure(CoSaMP(debiases: true), 1) else {
      Issue.record("fits of 12 columns go below zero")
      return
    }
    let plain = try OMP().solve(
      problem(columns: columns, sample.labels), sparsity: 4, on: CPUBackend())
    let lowered = try problem(columns: columns, sample.labels, loss: Lowered(depth: 1))
    let solution = try Portfolio().solve(lowered, sparsity: 4, on: CPUBackend())
    #expect(solution.attempts.map(\.solver).contains("omp"))
    #expect(!solution.attempts.map(\.solver).contains("cosamp"))
    #expect(solution.loss <= plain.loss - 1 + 1e-10)
    guard case .lossFailure("lowered", _) = try failure(Portfolio(), 20) else {
      Issue.record("every fit goes below zero")
      return
    }
  }
}
