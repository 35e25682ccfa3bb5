import LeastSquares
import Solvers
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

/// One support for several observations, by the solvers of one.
@Suite struct JointTests {
  /// Those that find one, the search through all supports last.
  static let solvers: [any IterativeSolver] = Algorithm.all.map { $0.solver(Limits()) }
    .filter(\.recoversJointly)

  /// These, and the portfolio.
  static let methods: [any ResumableSolver] = solvers + [Portfolio()]

  /// 24 × 14, three columns for four observations of very different size, with noise.
  private struct Small {
    let matrix: Matrix<Double>
    let observations: [[Double]]
    static let support = [2, 7, 12]

    init(seed: UInt64, noise: Double) throws {
      let matrix = try MatrixEnsemble.gaussian(rows: 24, columns: 14).matrix(seed: seed)
      var generator = SeededGenerator(seed: seed)
      observations = (0..<4).map { l in
        var y = (0..<24).map { _ in noise * generator.normal() }
        for j in Self.support {
          let c = generator.normal()
          for i in y.indices { y[i] += c * matrix[i, j] }
        }
        return y.map { $0 * [1, 3, 0.2, 1][l] }
      }
      self.matrix = matrix
    }

    func problem(_ model: RecoveryModel = RecoveryModel()) throws -> RecoveryProblem {
      try RecoveryProblem(
        matrix: .double(matrix), observation: observations[0], model: model)
    }

    /// The least sum of losses over all supports of three columns, each observation solved by itself.
    func least(_ problem: RecoveryProblem) throws -> Double {
      var least = Double.infinity
      for a in 0..<14 {
        for b in a + 1..<14 {
          for c in b + 1..<14 {
            let losses = try observations.map { y in
              try problem.observing(y).projection(onto: [a, b, c])
            }
            let scales = try observations.map { try problem.observing($0).observationScale }
            least = min(
              least,
              zip(losses, scales).reduce(0) {
                let norm = $1.0.residualNorm * $1.1
                return $0 + norm * norm
              })
          }
        }
      }
      return least
    }
  }

  /// Nobody is better than the best of all supports, the exhaustive search finds that, and where there is no noise
  /// everybody does.
  @Test(arguments: [0, 0.3], 1...3) func supportsAgainstAll(noise: Double, seed: UInt64) throws {
    let small = try Small(seed: seed, noise: noise)
    let problem = try small.problem()
    let least = try small.least(problem)
    for backend in try everyBackend() {
      let engine = try backend.load(problem.atoms, precision: .double)
      for solver in Self.methods {
        let found = try Joint(solver).solve(
          problem, observations: small.observations, sparsity: 3, with: engine)
        let name = "\(type(of: solver).name), \(backend.identity)"
        #expect(Set(found.map(\.support)).count == 1, "\(name)")
        let sum = found.reduce(0) { $0 + 2 * $1.loss }
        #expect(sum >= least * (1 - 1e-12) - 1e-24, "\(name)")
        if exact.contains(type(of: solver).name) || solver is Portfolio {
          #expect(sum <= least * (1 + 1e-12) + 1e-24)
        }
        if noise == 0 { #expect(found[0].support == Small.support, "\(name)") }
      }
    }
  }

  /// One observation is solved as it is without company, to the bit.
  @Test(arguments: methods.indices, [false, true])
  func oneIsAsAlone(number: Int, isNonnegative: Bool) throws {
    var solver = Self.methods[number]
    solver.limits.iterations = 100
    let small = try Small(seed: 5, noise: 0.2)
    var model = RecoveryModel()
    model.isNonnegative = isNonnegative
    let problem = try small.problem(model)
    for backend in try everyBackend() {
      let engine = try backend.load(problem.atoms, precision: .double)
      let alone: SparseSolution
      do {
        alone = try solver.solve(problem, sparsity: 3, with: engine)
      } catch RecoveryError.unsupportedModel {
        #expect(isNonnegative)
        continue
      }
      let joint = try Joint(solver).solve(
        problem, observations: [small.observations[0]], sparsity: 3, with: engine)
      #expect(joint.count == 1)
      #expect(Outcome(joint[0]) == Outcome(alone))
      #expect(joint[0].atomCoefficients == alone.atomCoefficients)
      #expect(joint[0].rounds == alone.rounds && joint[0].attempts.count == alone.attempts.count)
    }
  }

  /// The unit of all observations together has no effect, up to the ends of the range; one that is zero, or too small to
  /// count, changes nothing.
  @Test(arguments: methods.indices, [0x1p-1000, 0x1p900])
  func unitsHaveNoEffect(number: Int, unit: Double) throws {
    var solver = Self.methods[number]
    solver.limits.iterations = 100
    let small = try Small(seed: 6, noise: 0.2)
    let problem = try small.problem()
    let engine = try everyBackend()[0].load(problem.atoms, precision: .double)
    func solve(_ observations: [[Double]]) throws -> [SparseSolution] {
      try Joint(solver).solve(problem, observations: observations, sparsity: 3, with: engine)
    }
    let expected = try solve(small.observations)
    let scaled = try solve(small.observations.map { $0.map { $0 * unit } })
    #expect(scaled.map(\.support) == expected.map(\.support))
    #expect(scaled.map(\.coefficients) == expected.map { $0.coefficients.map { $0 * unit } })
    let zero = [Double](repeating: 0, count: 24)
    let tiny = small.observations[1].map { $0 * 0x1p-900 }
    let more = try solve(small.observations + [zero, tiny])
    #expect(more.map(\.support) == Array(repeating: expected[0].support, count: 6))
    #expect(more[4].coefficients.allSatisfy { $0 == 0 } && more[4].relativeResidual == 0)
    #expect(more[5].relativeResidual == expected[1].relativeResidual)
  }

  /// Products of columns serve all observations, and lead to the same supports.
  @Test func productsOfColumns() throws {
    let small = try Small(seed: 7, noise: 0.3)
    let problem = try small.problem()
    for backend in try everyBackend() {
      let engine = try backend.load(problem.atoms, precision: .double)
      func supports(_ solver: any IterativeSolver, _ use: GramUse) throws -> [[Int]] {
        var visited: [[Int]] = []
        _ = try Joint(solver).solve(
          Workspace(problem, on: engine, use: use), observations: small.observations, sparsity: 4
        ) {
          visited.append($0.support)
          return .proceed
        }
        return visited
      }
      for solver in [OMP(), HTP(), CoSaMP(), Splicing()] as [any IterativeSolver] {
        #expect(try supports(solver, .always) == supports(solver, .never))
      }
      let expected = try supports(SEA(gradient: .direct), .never)
      for gradient in [.gram, .blocked] as [SEA.Gradient] {
        #expect(try supports(SEA(gradient: gradient), .whenCached) == expected)
      }
    }
  }

  /// From the solution of another, SEA never makes it worse; a vector for one observation is no start for several.
  @Test func starts() throws {
    let small = try Small(seed: 8, noise: 0.5)
    let problem = try small.problem()
    let engine = try everyBackend()[0].load(problem.atoms, precision: .double)
    func loss(_ solver: any IterativeSolver) throws -> Double {
      try Joint(solver).solve(
        problem, observations: small.observations, sparsity: 3, with: engine
      ).reduce(0) { $0 + $1.loss }
    }
    for start in [OMP(), CoSaMP(), IHT()] as [any IterativeSolver] {
      #expect(try loss(SEA(start: .solver(start))) <= loss(start) * (1 + 1e-12))
      #expect(try loss(Splicing(start: start)) <= loss(start) * (1 + 1e-12))
    }
    for start in [
      SEA.Start.vector([Double](repeating: 1, count: 14)),
      .atoms(SparseVector(support: [1], coefficients: [1])),
    ] {
      #expect {
        try loss(SEA(start: start))
      } throws: {
        guard case .invalidOption("start", _, _)? = $0 as? RecoveryError else { return false }
        return true
      }
    }
  }

  /// The null model, by a solver that does not say that it takes several observations.
  private struct OneObservation: IterativeSolver {
    static let name = "one"
    var limits = Limits()

    func step(
      _ state: inout PointState, _ workspace: Workspace, _ search: Search
    ) throws(RecoveryError) -> Step { Step(state.x, stop: .converged) }
  }

  /// Solvers of one observation say so, alone and as a start.
  @Test func othersRefuse() throws {
    let small = try Small(seed: 9, noise: 0)
    let problem = try small.problem()
    let engine = try everyBackend()[0].load(problem.atoms, precision: .double)
    #expect(Algorithm.all.allSatisfy { $0.solver(Limits()).recoversJointly })
    let solver = OneObservation()
    for refusing in [solver, SEA(start: .solver(solver))] as [any IterativeSolver] {
      let workspace = Workspace(problem, on: engine)
      #expect(
        throws: RecoveryError.unsupportedModel(
          solver: "one", option: "one support for several observations")
      ) {
        try Joint(refusing).solve(
          workspace, observations: small.observations, sparsity: 3)
      }
      #expect(workspace.matrixPasses == 0)
    }
    #expect(
      try Joint(OMP()).solve(problem, observations: [], sparsity: 3, with: engine).isEmpty)
  }

  /// A checkpoint of other observations is refused.
  @Test func checkpointsKnowTheObservations() throws {
    let small = try Small(seed: 10, noise: 0.3)
    let problem = try small.problem()
    let workspace = Workspace(
      problem, on: try everyBackend()[0].load(problem.atoms, precision: .double))
    var kept: [IterationCheckpoint] = []
    let whole = try OMP().solve(
      workspace, jointly: small.observations, sparsity: 3,
      keeper: CheckpointKeeper(isDue: { true }, keep: { kept.append($0) }))
    let checkpoint = try #require(kept.first)
    let rest = try OMP().solve(
      workspace, jointly: small.observations, sparsity: 3, resuming: checkpoint)
    #expect(rest.map(\.support) == whole.map(\.support))
    #expect(rest.map(\.coefficients) == whole.map(\.coefficients))
    #expect(rest.map(\.iterations) == whole.map(\.iterations))
    #expect(throws: RecoveryError.self) {
      try OMP().solve(
        workspace, jointly: small.observations.reversed(), sparsity: 3, resuming: checkpoint)
    }
    #expect(throws: RecoveryError.self) {
      try OMP().solve(
        workspace.observing(small.observations[0]), sparsity: 3, resuming: checkpoint, keeper: nil
      ) { _ in .proceed }
    }
  }
}
