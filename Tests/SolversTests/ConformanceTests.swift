import CPUBackend
import Solvers
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import Testing

/// Every iterative solver that is cut off between two steps goes on as if nothing had happened.
@Suite struct ConformanceTests {
  /// Every iterative solver as it comes, and the ways that its options add.
  static let solvers: [any IterativeSolver] =
    Algorithm.all.map { $0.solver(Limits()) } + [
      OMP(gradient: .blocked), OMPR(exchanges: 2, stepSize: 0.7), OMPR(start: OMP()),
      CoSaMP(debiases: true), GOMP(atomsPerStep: 3), IHT(stepSize: 0.1),
      Splicing(exchanges: 2, start: OMP()), ELS(start: .support([1, 2, 3])), VAMP(restarts: 3),
      HTP(stepSize: 0.3), FHTP(gradientSteps: 0), Tabu(seed: 7),
    ]

  static let models: [RecoveryModel] = {
    var regression = RecoveryModel()
    regression.hasIntercept = true
    regression.included = [7]
    regression.weights = (0..<40).map { 1 + Double($0 % 5) }
    var ridge = RecoveryModel()
    ridge.ridge = 0.2
    var signs = RecoveryModel()
    signs.isNonnegative = true
    return [RecoveryModel(), regression, ridge, signs]
  }()

  /// Those that look at all supports have fewer of them, and with signs branch and bound looks at each of them.
  private static func sparsity(of solver: any IterativeSolver, _ model: RecoveryModel) -> Int {
    if solver is BranchAndBound { return model.isNonnegative ? 1 : 2 }
    return solver is Exhaustive ? 2 : 6
  }

  @Test(arguments: solvers.indices, models.indices)
  func solversConform(number: Int, model: Int) throws {
    var solver = Self.solvers[number]
    solver.limits.iterations = 60
    // The plain model on every backend, the others on one in turn.
    let backends = try everyBackend()
    for backend in model == 0 ? backends : [backends[(number + model) % backends.count]] {
      try expectConformance(
        of: solver, sparsity: Self.sparsity(of: solver, Self.models[model]),
        model: Self.models[model], on: backend)
    }
  }

  /// The same for three observations with one support.
  @Test(arguments: solvers.indices, models.indices)
  func jointSolversConform(number: Int, model: Int) throws {
    var solver = Self.solvers[number]
    guard solver.recoversJointly else { return }
    solver.limits.iterations = 40
    let backends = try everyBackend()
    try expectConformance(
      of: solver, sparsity: Self.sparsity(of: solver, Self.models[model]),
      model: Self.models[model], observations: 3, on: backends[(number + model) % backends.count])
  }

  /// Another solver, another option, another problem: refused, the first difference named.
  @Test func othersAreRefused() throws {
    func trial(
      _ solver: any IterativeSolver, _ model: RecoveryModel = RecoveryModel()
    ) throws -> SolverTrial {
      try SolverTrial(solver, sparsity: 6, model: model, CPUBackend())
    }
    func refusal(_ trial: SolverTrial, _ checkpoint: IterationCheckpoint) -> String {
      do {
        _ = try trial.solve(from: checkpoint)
        return "nothing"
      } catch {
        return "\(error)"
      }
    }
    let omp = try #require(try trial(OMP()).solve(keeps: true).kept.first).checkpoint
    #expect(try refusal(trial(SP()), omp).contains("found algorithm omp"))
    #expect(try refusal(trial(OMP(gradient: .blocked)), omp).contains("found options"))
    var ridge = RecoveryModel()
    ridge.ridge = 1
    #expect(try refusal(trial(OMP(), ridge), omp).contains("ridge"))
    // Limits may differ.
    var limits = Limits()
    limits.stagnation = 1000
    #expect(try refusal(trial(OMP(limits: limits)), omp) == "nothing")
    // Those of a start too: what it found is in the checkpoint.
    let els = try #require(try trial(ELS()).solve(keeps: true).kept.first).checkpoint
    let other = ELS(start: .solver(OMP(limits: limits)), limits: limits)
    #expect(try refusal(trial(other), els) == "nothing")
    #expect(try refusal(trial(ELS(start: .solver(SP()))), els).contains("found options"))
  }
}
