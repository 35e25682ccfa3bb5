import CPUBackend
import Glibc
import Losses
import Solvers
import SparseCore
import TestSupport
import Testing

/// Paths, criteria, folds and draws under other losses, against fits written out in plain loops.
@Suite struct LossPathTests {
  /// The losses never increase, and no point is worse than the portfolio alone; nor better than the best support there
  /// is.
  @Test(arguments: LossTests.Kind.allCases, LossTests.Fitted.allCases)
  func pointsAreNoWorse(kind: LossTests.Kind, fitted: LossTests.Fitted) throws {
    let (problem, sample) = try LossTests.problem(kind, fitted, seed: 31)
    let least = max(problem.model.included.count, 1)
    for solver in [Portfolio(), nil] as [Portfolio?] {
      let path = try SparsityPath(solver: solver).solve(
        problem, sparsities: least...5, on: CPUBackend())
      #expect(path.points.count == 6 - least)
      var before = Double.infinity
      for point in path.points {
        let fit = LossTests.fit(point.solution.support, problem, sample)
        #expect(abs(point.solution.loss - fit.value) <= 1e-10 * fit.value)
        #expect(fit.objective <= before * (1 + 1e-10))
        before = fit.objective
        guard solver != nil else { continue }
        let alone = try Portfolio().solve(problem, sparsity: point.sparsity, on: CPUBackend())
        let other = LossTests.fit(alone.support, problem, sample)
        #expect(fit.objective <= other.objective * (1 + 1e-10))
      }
    }
  }

  /// Pursuits that give the whole path in one run, and solvers that run afresh at every sparsity.
  @Test(arguments: LossTests.solvers.indices) func solversMakePaths(number: Int) throws {
    let (problem, sample) = try LossTests.problem(.logistic, .regression, seed: 32)
    let path = try SparsityPath(solver: LossTests.solvers[number]).solve(
      problem, sparsities: 2...4, on: CPUBackend())
    for point in path.points {
      let fit = LossTests.fit(point.solution.support, problem, sample)
      #expect(abs(point.solution.loss - fit.value) <= 1e-10 * fit.value)
    }
  }

  /// From every checkpoint the same path.
  @Test func pathsResume() throws {
    let (problem, _) = try LossTests.problem(.logistic, .regression, seed: 33)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var kept: [CompositeCheckpoint] = []
    let whole = try SparsityPath().solve(
      Workspace(problem, on: engine), sparsities: 1...4, resuming: nil,
      keeper: CheckpointKeeper(isDue: { true }, keep: { kept.append($0) }))
    for checkpoint in kept.enumerated().filter({ $0.offset % 11 == 0 }).map(\.element) {
      let rest = try SparsityPath().solve(
        Workspace(problem, on: engine), sparsities: 1...4, resuming: checkpoint)
      for (a, b) in zip(rest.points, whole.points) {
        #expect(
          Outcome(a.solution, countsPasses: false) == Outcome(b.solution, countsPasses: false))
      }
    }
  }

  /// The deviance and what the size costs, by the formulas.
  @Test func criteriaAreDeviances() throws {
    let (problem, sample) = try LossTests.problem(.logistic, .regression, seed: 34)
    let solution = try OMP().solve(problem, sparsity: 3, on: CPUBackend())
    let deviance = 2 * LossTests.fit(solution.support, problem, sample).value
    // Of 40 rows 10 have weight 0; of 8 columns one is included and one excluded; the intercept is a parameter.
    let (m, p) = (30.0, 4.0)
    let expected: [(InformationCriterion, Double)] = [
      (.aic, 2 * p), (.bic, p * log(m)), (.ebic(γ: 0.5), p * log(m) + log(15)),
      (.gic, p * log(7) * log(log(m))),
    ]
    for (criterion, penalty) in expected {
      let value = try criterion.value(of: solution, for: problem)
      #expect(abs(value - deviance - penalty) <= 1e-10 * deviance)
    }
  }

  /// In every fold the best of all supports on the rows kept, and twice its mean loss on the rows held out.
  @Test(arguments: LossTests.Kind.allCases, LossTests.Fitted.allCases)
  func errorsHeldOutAreThoseOfTheDefinition(
    kind: LossTests.Kind, fitted: LossTests.Fitted
  ) throws {
    let (problem, sample) = try LossTests.problem(kind, fitted, seed: 35)
    let model = problem.model
    let weights = model.weights ?? Array(repeating: 1, count: 40)
    let found = try #require(
      try CrossValidation(plan: FoldPlan(4, seed: 3)).run(
        problem.atoms.operator, observation: problem.observation, model: model,
        loss: problem.loss, sparsities: 1...3, on: CPUBackend()))
    let supports = LossTests.subsets.filter {
      model.included.isSubset(of: $0) && model.excluded.isDisjoint(with: $0)
    }
    for (heldOut, errors) in zip(found.rows.heldOut, found.folds) {
      var kept = weights
      for i in heldOut { kept[i] = 0 }
      var own = model
      own.weights = kept
      let part = try RecoveryProblem(
        problem.atoms.operator, observation: problem.observation, model: own, loss: problem.loss)
      for (k, error) in zip(1...3, errors) {
        let fits = supports.filter { $0.count == k }.map {
          (support: $0, fit: LossTests.fit($0, part, sample))
        }
        let best = try #require(fits.min { $0.fit.objective < $1.fit.objective })
        let columns = best.support.map(sample.column) + (model.fitsIntercept ? [ones] : [])
        let predictions = heldOut.map { (i: Int) -> Double in
          zip(columns, best.fit.coefficients).reduce(0) { $0 + $1.0[i] * $1.1 }
        }
        let point = problem.loss.evaluate(
          predictions, heldOut.map { problem.observation[$0] },
          weights: heldOut.map { weights[$0] })
        let expected = 2 * point.value / heldOut.reduce(0) { $0 + weights[$1] }
        #expect(abs(error - expected) <= 1e-7 * expected, "k = \(k), fold of \(heldOut)")
      }
    }
  }

  private let ones = [Double](repeating: 1, count: 40)

  /// Where e^η of a row held out is beyond all doubles, the loss is named.
  @Test func heldOutOverflowIsNamed() throws {
    let x = (0..<12).map { $0 == 11 ? 1e5 : Double($0 % 4) }
    let y = (0..<12).map { exp(Double($0 % 4)) }
    var model = RecoveryModel()
    model.hasIntercept = true
    let matrix = DenseMatrix.double(try Matrix(rows: 12, columns: 1, columnMajor: x))
    #expect {
      _ = try CrossValidation(plan: FoldPlan(12)).run(
        matrix, observation: y, model: model, loss: PoissonLoss(), sparsities: 1...1,
        on: CPUBackend())
    } throws: {
      guard case RecoveryError.lossFailure("poisson", let reason) = $0 else { return false }
      return reason.contains("held out")
    }
  }

  /// Labels that are noise, or 1 where a column is above zero.
  private func path(
    separatedBy column: Int?, rows: Int, columns: Int, upTo k: Int,
    model: RecoveryModel = RecoveryModel()
  ) throws -> (RecoveryProblem, SolutionPath) {
    var generator = SeededGenerator(seed: 3)
    let matrix = (0..<columns).map { _ in (0..<rows).map { _ in generator.normal() } }
    let y =
      column.map { matrix[$0].map { $0 > 0 ? 1.0 : 0 } }
      ?? matrix[0].map { $0 + 2 * generator.normal() > 0 ? 1.0 : 0 }
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: rows, columns: columns, columnMajor: matrix.flatMap { $0 })),
      observation: y, model: model, loss: LogisticLoss())
    return (
      problem, try SparsityPath(solver: OMP()).solve(problem, sparsities: 0...k, on: CPUBackend())
    )
  }

  /// Enough columns separate any labels. The criterion is smallest there, and chooses from the fits that have a minimum.
  @Test(arguments: [InformationCriterion.aic, .bic]) func separatedFitsAreNotChosen(
    criterion: InformationCriterion
  ) throws {
    let (problem, path) = try path(separatedBy: nil, rows: 30, columns: 40, upTo: 12)
    let values = try path.values(of: criterion, for: problem)
    let isBounded = path.points.map(\.solution.warnings.isEmpty)
    let smallest = try #require(values.indices.min { values[$0] < values[$1] })
    #expect(!isBounded[smallest] && isBounded[1])
    let expected = values.indices.filter { isBounded[$0] }.min { values[$0] < values[$1] }
    let choice = try path.choice(by: criterion, for: problem)
    #expect(choice.sparsity == expected)
    #expect(choice.values == values)
    #expect(choice.notices == [.unbounded(sparsity: smallest, choice: choice.sparsity)])
    #expect(try path.best(by: criterion, for: problem).sparsity == choice.sparsity)
    #expect("\(choice.notices[0])".contains("k = \(choice.sparsity) is the best of those"))
    // With a ridge every fit has a minimum, and nothing is to be said.
    var model = RecoveryModel()
    model.ridge = 1e-3
    let (ridged, bounded) = try self.path(
      separatedBy: nil, rows: 30, columns: 40, upTo: 12, model: model)
    let other = try bounded.choice(by: criterion, for: ridged)
    #expect(!other.notices.contains { if case .unbounded = $0 { true } else { false } })
  }

  /// Labels that one column separates: it is chosen, and that there is no minimum is said.
  @Test func aColumnThatSeparatesIsChosen() throws {
    let (problem, path) = try path(separatedBy: 7, rows: 60, columns: 20, upTo: 3)
    let choice = try path.choice(by: .ebic(), for: problem)
    #expect(choice.sparsity == 1 && choice.notices == [.unbounded(sparsity: 1, choice: 1)])
    #expect(path.points[1].solution.support == [7])
    #expect("\(choice.notices[0])".contains("no fit with a column chosen has a minimum"))
  }

  /// The same of several observations with one support.
  @Test func separatedJointFitsAreNotChosen() throws {
    let (problem, alone) = try path(separatedBy: nil, rows: 30, columns: 40, upTo: 12)
    let labels = [problem.observation, problem.observation.map { 1 - $0 }]
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let joint = try SparsityPath(solver: OMP()).solve(
      Workspace(problem, on: engine), jointly: labels, sparsities: 0...12)
    // What is separated with one sign is with the other.
    let (own, other) = (
      try joint.choice(by: .bic, for: problem), try alone.choice(by: .bic, for: problem)
    )
    #expect(own.sparsity <= other.sparsity && other.sparsity < 12)
    #expect(own.notices.contains { if case .unbounded = $0 { true } else { false } })
  }
}
