import Glibc
import SparseRecovery
import Testing

@testable import Solvers

/// Which sparsity of a path is chosen.
@Suite struct PathSelectionTests {
  /// m log(RSS / m) with RSS = 4, m = 100 is −321.88758248682; the penalties by hand, for k = 3 of
  /// n = 50 columns: C(50, 3) = 19600.
  @Test func criteriaByHand() throws {
    let likelihood = -321.88758248682006
    func value(_ criterion: InformationCriterion, intercept: Bool = false) throws -> Double {
      try criterion.value(
        residualNorm: 2, rows: 100, sparsity: 3, choices: 50, hasIntercept: intercept)
    }
    let expected: [(InformationCriterion, Double, Double)] = [
      (.aic, 6, 2), (.bic, 13.815510557964274, 4.605170185988092),
      (.ebic(), 33.58208024840149, 4.605170185988092),
      (.ebic(γ: 0.5), 23.698795403182885, 4.605170185988092),
      (.gic, 17.92308548874497, 5.974361829581657),
    ]
    for (criterion, penalty, constant) in expected {
      #expect(abs(try value(criterion) - likelihood - penalty) < 1e-9)
      #expect(abs(try value(criterion, intercept: true) - likelihood - penalty - constant) < 1e-9)
    }
    #expect(try value(.ebic(γ: 0)) == value(.bic))
  }

  @Test func criteriaThatMakeNoSense() throws {
    // As many rows as frequencies can say, for as many observations as anybody has.
    #expect(
      try InformationCriterion.bic.value(
        residualNorm: 1, rows: 1 << 53, sparsity: 1, choices: 5, observations: 1 << 12
      ).isFinite)
    for criterion in [InformationCriterion.ebic(γ: -0.1), .ebic(γ: 1.5), .ebic(γ: .nan)] {
      #expect(throws: RecoveryError.self) {
        try criterion.value(residualNorm: 1, rows: 10, sparsity: 1, choices: 5)
      }
    }
    #expect(
      throws: RecoveryError.invalidOption(
        name: "criterion", value: "gic with 2 rows", expected: "at least 3 rows")
    ) {
      try InformationCriterion.gic.value(residualNorm: 1, rows: 2, sparsity: 1, choices: 5)
    }
  }

  private func easy(
    rows: Int = 100, columns: Int = 200, seed: UInt64, snr: Double?
  ) throws -> (SyntheticProblem, RecoveryProblem) {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: rows, columns: columns), sparsity: 5, snr: snr, seed: seed))
    return (
      synthetic,
      try RecoveryProblem(matrix: .double(synthetic.matrix), observation: synthetic.observation)
    )
  }

  @Test(arguments: 1...5) func theTrueSparsityIsChosen(seed: UInt64) throws {
    let (synthetic, problem) = try easy(rows: 1500, columns: 30, seed: seed, snr: 20)
    let warm = SparsityPath(solver: nil)
    let path = try warm.solve(problem, sparsities: 1...12, on: CPUBackend())
    let best = try path.best(by: .ebic(), for: problem)
    #expect(best.solution.support == synthetic.support)
    let errors = try #require(
      try CrossValidation(path: warm, folds: 5, seed: seed).run(
        DenseMatrix.double(synthetic.matrix), observation: synthetic.observation,
        sparsities: 1...12, on: CPUBackend()))
    #expect(errors.oneStandardError == 5)
  }

  /// Without noise, what rounding leaves has no say.
  @Test(arguments: 1...3) func everyCriterionStopsWhereNothingIsLeft(seed: UInt64) throws {
    let (synthetic, problem) = try easy(seed: seed, snr: nil)
    let path = try SparsityPath().solve(problem, sparsities: 1...12, on: CPUBackend())
    for criterion in [InformationCriterion.aic, .bic, .ebic(), .gic] {
      let values = try path.values(of: criterion, for: problem)
      let areFinite = values.allSatisfy { $0.isFinite }
      #expect(areFinite)
      #expect(try path.best(by: criterion, for: problem).solution.support == synthetic.support)
    }
  }

  /// BIC alone where columns are few.
  @Test(arguments: 1...5) func bicChoosesAmongFewColumns(seed: UInt64) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 400, columns: 5), sparsity: 3, snr: 20, seed: seed))
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let path = try SparsityPath().solve(problem, sparsities: 1...4, on: CPUBackend())
    #expect(try path.best(by: .bic, for: problem).solution.support == synthetic.support)
  }

  /// Folds by masks are folds by copies of the rows.
  @Test(arguments: [0, 1, 2], [CPUBackend(), ReferenceBackend()] as [any Backend])
  func crossValidationIsALoopOverCopies(variant: Int, backend: any Backend) throws {
    var model = RecoveryModel()
    model.hasIntercept = variant == 1
    model.isStandardized = variant == 2
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 43, columns: 60), sparsity: 4, snr: 10, seed: 2))
    let (matrix, y) = (synthetic.matrix, synthetic.observation.map { $0 + 3 })
    let path = SparsityPath(solver: Portfolio(rounds: 1))
    let validation = CrossValidation(path: path, folds: 4, seed: 9)
    let errors = try #require(
      try validation.run(
        DenseMatrix.double(matrix), observation: y, model: model, sparsities: 1...6, on: backend))

    let folds = try Folds(FoldPlan(4, seed: 9), of: Array(0..<43), total: 43, needed: 6)
    #expect(folds.heldOut.flatMap { $0 }.sorted() == Array(0..<43))
    #expect(folds.heldOut.map(\.count) == [11, 11, 11, 10])
    for (fold, heldOut) in folds.heldOut.enumerated() {
      let kept = (0..<43).filter { !heldOut.contains($0) }
      let copy = try Matrix(
        rows: kept.count, columns: 60,
        columnMajor: (0..<60).flatMap { j in kept.map { matrix[$0, j] } })
      let part = try path.solve(
        RecoveryProblem(matrix: .double(copy), observation: kept.map { y[$0] }, model: model),
        sparsities: 1...6, on: backend)
      for (place, point) in part.points.enumerated() {
        let solution = point.solution
        let squares = heldOut.map { i in
          let fit = zip(solution.support, solution.coefficients)
            .reduce(solution.intercept ?? 0) { $0 + matrix[i, $1.0] * $1.1 }
          return (fit - y[i]) * (fit - y[i])
        }
        let expected = squares.reduce(0, +) / Double(squares.count)
        #expect(abs(errors.folds[fold][place] - expected) <= 1e-10 * expected)
      }
    }
    for place in errors.sparsities.indices {
      let column = errors.folds.map { $0[place] }
      let mean = column.reduce(0, +) / 4
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3
      #expect(errors.means[place] == mean)
      #expect(abs(errors.standardErrors[place] - (variance / 4).squareRoot()) <= 1e-15 * mean)
    }
  }

  @Test func choicesOfCrossValidation() throws {
    let two = try Folds(FoldPlan(2, seed: 1), of: [0, 1], total: 2, needed: 1)
    let errors = CrossValidationErrors(
      sparsities: [2, 3, 4, 5], folds: [[9, 4.5, 3, 4], [7, 3.5, 5, 4]], of: two)
    #expect(errors.means == [8, 4, 4, 4])
    #expect(errors.standardErrors == [1, 0.5, 1, 0])
    #expect(errors.minimum == 3 && errors.oneStandardError == 3)
    let flat = CrossValidationErrors(
      sparsities: [1, 2, 3], folds: [[5, 3, 1], [3, 5, 7]], of: two)
    #expect(flat.minimum == 1)
    let steep = CrossValidationErrors(
      sparsities: [1, 2, 3], folds: [[5, 4, 1], [5, 4, 6]], of: two)
    #expect(steep.minimum == 3 && steep.oneStandardError == 1)
  }

  @Test func foldsThatCannotBe() throws {
    let (synthetic, _) = try easy(seed: 1, snr: 20)
    func refusal(_ folds: Int, k: Int = 5, weights: [Double]? = nil) -> RecoveryError? {
      var model = RecoveryModel()
      model.weights = weights
      do throws(RecoveryError) {
        _ = try CrossValidation(folds: folds).run(
          DenseMatrix.double(synthetic.matrix), observation: synthetic.observation, model: model,
          sparsities: 1...k, on: CPUBackend())
        return nil
      } catch { return error }
    }
    for count in [-1, 0, 1, 101] {
      #expect(
        refusal(count)
          == .invalidOption(
            name: "folds", value: "\(count)",
            expected: "a number from 2 to 100, the rows that take part"))
    }
    #expect(
      refusal(2, k: 51)
        == .invalidOption(
          name: "folds", value: "2, which keep 50 rows",
          expected: "folds that keep at least 51 rows for the largest sparsity"))
    // Rows of weight zero belong to no fold.
    #expect(
      refusal(4, weights: (0..<100).map { $0 < 3 ? 1 : 0 })
        == .invalidOption(
          name: "folds", value: "4", expected: "a number from 2 to 3, the rows that take part"))
  }
}
