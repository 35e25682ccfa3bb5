import SparseRecovery
import SyntheticProblems
import Testing

/// Cp against its definition, with the full fit by normal equations in plain loops.
@Suite struct MallowsCpTests {
  private func synthetic() throws -> SyntheticProblem {
    try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 40, columns: 7), sparsity: 3, snr: 10, seed: 11))
  }

  /// What is left of y after orthogonalisation against these columns, one after another, twice: Σ w r².
  private func residualSum(_ columns: [[Double]], _ y: [Double], weights: [Double]) -> Double {
    func dot(_ a: [Double], _ b: [Double]) -> Double {
      a.indices.reduce(0) { $0 + weights[$1] * a[$1] * b[$1] }
    }
    var basis: [[Double]] = []
    func reduced(_ v: [Double]) -> [Double] {
      var v = v
      for _ in 0..<2 {
        for q in basis {
          let share = dot(q, v)
          for i in v.indices { v[i] -= share * q[i] }
        }
      }
      return v
    }
    for column in columns {
      let rest = reduced(column)
      let norm = dot(rest, rest).squareRoot()
      basis.append(rest.map { $0 / norm })
    }
    let rest = reduced(y)
    return dot(rest, rest)
  }

  @Test(arguments: [false, true], [false, true])
  func isItsDefinition(hasIntercept: Bool, isWeighted: Bool) throws {
    let synthetic = try synthetic()
    let (m, n) = (40, 7)
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    model.excluded = [6]
    let weights = (0..<m).map { isWeighted ? Double($0 % 4) : 1 }
    if isWeighted { model.weights = weights }
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model)
    let solution = try OMP().solve(problem, sparsity: 3, on: CPUBackend())
    let constant = hasIntercept ? [[Double](repeating: 1, count: m)] : []
    let columns = (0..<n).map { j in (0..<m).map { synthetic.matrix[$0, j] } }
    let all = residualSum(
      constant + columns.dropLast(), synthetic.observation, weights: weights)
    let chosen = residualSum(
      constant + solution.support.map { columns[$0] }, synthetic.observation, weights: weights)
    let rows = Double(weights.count { $0 > 0 })
    let p = Double(3 + constant.count)
    let variance = all / (rows - Double(n - 1 + constant.count))
    let cp = try MallowsCp(problem, on: CPUBackend())
    #expect(abs(cp.variance - variance) < 1e-11 * variance)
    #expect(abs(cp.value(of: solution) - (chosen / variance - rows + 2 * p)) < 1e-8)
  }

  /// A column that is there twice counts once.
  @Test func dependentColumnsCountOnce() throws {
    let synthetic = try synthetic()
    let once = (0..<7).flatMap { j in (0..<40).map { synthetic.matrix[$0, j] } }
    func variance(_ entries: [Double], included: Set<Int> = []) throws -> Double {
      let matrix = try Matrix(rows: 40, columns: entries.count / 40, columnMajor: entries)
      var model = RecoveryModel()
      model.included = included
      let problem = try RecoveryProblem(
        matrix: .double(matrix), observation: synthetic.observation, model: model)
      return try MallowsCp(problem, on: CPUBackend()).variance
    }
    let expected = try variance(once)
    for included in [[], [1], [1, 7], [2, 5]] as [Set<Int>] {
      let found = try variance(once + once[40..<80], included: included)
      #expect(abs(found - expected) < 1e-11 * expected, "\(included)")
    }
  }

  @Test func isRefusedWhereNothingIsLeft() throws {
    let synthetic = try synthetic()
    let square = try Matrix(
      rows: 7, columns: 7, columnMajor: (0..<49).map { synthetic.matrix[$0 % 7, $0 / 7] })
    let y = Array(synthetic.observation.prefix(7))
    #expect(
      throws: RecoveryError.invalidOption(
        name: "Cp", value: "7 rows and 7 columns", expected: "more rows")
    ) {
      try MallowsCp(
        RecoveryProblem(matrix: .double(square), observation: y), on: CPUBackend())
    }
    let exact = (0..<40).map { synthetic.matrix[$0, 0] }
    #expect(
      throws: RecoveryError.invalidOption(
        name: "Cp", value: "no residual of all columns", expected: "some")
    ) {
      try MallowsCp(
        RecoveryProblem(matrix: .double(synthetic.matrix), observation: exact), on: CPUBackend())
    }
    var model = RecoveryModel()
    model.ridge = 1
    #expect(throws: RecoveryError.unsupportedModel(solver: "Cp", option: "a ridge")) {
      try MallowsCp(
        RecoveryProblem(
          matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model),
        on: CPUBackend())
    }
  }
}
