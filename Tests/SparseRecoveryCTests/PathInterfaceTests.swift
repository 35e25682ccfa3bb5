import CSparseRecovery
import SparseRecovery
import SparseRecoveryC
import Testing

/// Paths of one and of several observations, criteria, measures and alternatives: C has what the library has.
struct PathInterfaceTests {
  private let sample = Sample()

  /// The observation of the sample with noise, and another one.
  private var observations: [[Double]] {
    func column(_ j: Int) -> ArraySlice<Double> { sample.matrix[30 * j..<30 * (j + 1)] }
    let other = zip(zip(column(7), column(41)), column(3)).map { $0.0 + 2 * $0.1 - $1 }
    return [sample.observation, other].map { y in
      y.enumerated().map { $1 + 0.1 * Double($0 % 7) }
    }
  }

  private func problem(_ observation: [Double]) throws -> RecoveryProblem {
    var model = RecoveryModel()
    model.hasIntercept = true
    return try RecoveryProblem(
      matrix: .double(Matrix(rows: 30, columns: 80, columnMajor: sample.matrix)),
      observation: observation, model: model)
  }

  /// Calls with a problem that has an intercept, on one thread.
  private func withRegression<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
    try withProblem(
      sample, [("backend", "cpu"), ("threads", "1"), ("intercept", "true")], body)
  }

  /// The results of paths over 1 to 6 columns.
  private func withPaths<Result>(
    _ problem: OpaquePointer, _ observations: [[Double]], _ words: [(String, String)],
    _ body: ([OpaquePointer]) throws -> Result
  ) throws -> Result {
    try withOptions(words) { options in
      let isJoint = words.contains { $0 == ("joint", "true") }
      var handles = [OpaquePointer?](repeating: nil, count: isJoint ? 1 : observations.count)
      try require(
        sr_paths(
          problem, observations.flatMap { $0 }, 30, Int64(observations.count), 30, 1, 6, options,
          nil, &handles))
      defer { for handle in handles { sr_results_destroy(handle) } }
      return try body(handles.map { try #require($0) })
    }
  }

  private func numbers(_ results: OpaquePointer, _ name: String) -> [Double] {
    var values: UnsafePointer<Double>?
    let count = sr_results_numbers(results, name, &values)
    return Array(UnsafeBufferPointer(start: values, count: Int(count)))
  }

  private func measure(
    _ results: OpaquePointer, _ place: Int, _ name: String, _ problem: OpaquePointer? = nil
  ) throws -> Double {
    var value = -1.0
    try require(sr_results_measure(results, Int64(place), name, problem, &value))
    return value
  }

  @Test func choosesBySeveralCriteria() throws {
    let y = observations[0]
    let given = try problem(y)
    let backend = CPUBackend(threads: 1)
    let path = try SparsityPath(solver: OMP()).solve(given, sparsities: 1...6, on: backend)
    let judgement = PathJudgement(of: SparsityPath(solver: OMP()), given, on: backend)
    let bic = try path.choice(by: .bic, for: given)
    let cv = try judgement.choice(from: path, by: .crossValidation(FoldPlan(3))).choice
    try withRegression { problem in
      let words = [("algorithm", "omp"), ("criterion", "bic,cv"), ("folds", "3")]
      try withPaths(problem, [y], words) { handles in
        let results = handles[0]
        #expect(sr_results_chosen(results) == Int64(bic.sparsity - 1))
        #expect(sr_results_chosen_by(results, "bic") == Int64(bic.sparsity - 1))
        #expect(sr_results_chosen_by(results, "cv") == Int64(cv.sparsity - 1))
        #expect(sr_results_chosen_by(results, "aic") == -1)
        #expect(numbers(results, "criterion") == bic.values)
        #expect(numbers(results, "bic") == bic.values && numbers(results, "cv") == cv.values)
        #expect(numbers(results, "standard_errors") == cv.standardErrors)
        #expect(
          numbers(results, "relative_residuals") == path.points.map(\.solution.relativeResidual))
        #expect(try (0..<6).map { try measure(results, $0, "bic") } == bic.values)
        let notices = bic.notices.map { "bic: \($0)" } + cv.notices.map { "cv: \($0)" }
        #expect(try solution(results).notices == Int64(notices.count))
        for (place, notice) in notices.enumerated() {
          let text = try #require(sr_results_notice(results, Int64(place)))
          #expect(String(cString: text) == notice)
        }
      }
    }
  }

  @Test func startsWarm() throws {
    let y = observations[0]
    let path = try SparsityPath(solver: nil).solve(
      problem(y), sparsities: 1...6, on: CPUBackend(threads: 1))
    try withRegression { problem in
      try withPaths(problem, [y], [("warm-start", "true")]) { handles in
        #expect(
          numbers(handles[0], "relative_residuals")
            == path.points.map(\.solution.relativeResidual))
      }
      var results: OpaquePointer?
      let options = try #require(sr_options_create())
      defer { sr_options_destroy(options) }
      sr_options_set(options, "warm-start", "true")
      sr_options_set(options, "algorithm", "omp")
      #expect(sr_path(problem, y, Int64(y.count), 1, 6, options, nil, &results) == SR_REQUEST)
      #expect(String(cString: sr_last_error()).contains("warm-start: expected no algorithm"))
    }
  }

  @Test func hasPathsOfSeveralObservations() throws {
    try withRegression { problem in
      let words = [("algorithm", "omp"), ("criterion", "aic")]
      try withPaths(problem, observations, words) { together in
        for (place, y) in observations.enumerated() {
          try withPaths(problem, [y], words) { alone in
            #expect(numbers(together[place], "aic") == numbers(alone[0], "aic"))
            #expect(sr_results_chosen(together[place]) == sr_results_chosen(alone[0]))
            for k in 0..<6 {
              let found = try solution(together[place], Int64(k))
              let own = try solution(alone[0], Int64(k))
              #expect(support(found) == support(own) && coefficients(found) == coefficients(own))
              #expect(found.observation == Int64(place) && own.observation == 0)
              #expect(try measure(together[place], k, "aic") == measure(alone[0], k, "aic"))
            }
          }
        }
      }
    }
  }

  @Test func hasJointPaths() throws {
    let given = try problem(observations[0])
    let backend = CPUBackend(threads: 1)
    let engine = try backend.load(given.atoms, precision: .double)
    let path = try SparsityPath(solver: OMP()).solve(
      Workspace(given, on: engine), jointly: observations, sparsities: 1...6)
    let choice = try path.choice(by: .ebic(), for: given)
    try withRegression { problem in
      try withPaths(problem, observations, [("algorithm", "omp"), ("joint", "true")]) { handles in
        let results = handles[0]
        #expect(sr_results_count(results) == 12)
        #expect(sr_results_chosen(results) == Int64(2 * (choice.sparsity - 1)))
        #expect(numbers(results, "ebic") == choice.values)
        #expect(numbers(results, "residual_norms") == path.points.map(\.residualNorm))
        #expect(numbers(results, "relative_residuals") == path.points.map(\.relativeResidual))
        for (k, point) in path.points.enumerated() {
          for (place, expected) in point.solutions.enumerated() {
            let found = try solution(results, Int64(2 * k + place))
            #expect(found.sparsity == point.sparsity && found.observation == place)
            #expect(support(found) == expected.support.map(Int64.init))
            #expect(coefficients(found) == expected.coefficients)
          }
        }
        // Of one support for both, criteria are those of the path.
        #expect(
          throws: Refusal(
            status: Int32(SR_REQUEST),
            message: "bic: expected one observation, or the criterion of a path, found 2 "
              + "observations with one support")
        ) { try measure(results, 0, "bic") }
      }
    }
  }

  /// More rows than columns, so that there is a fit of all of them.
  @Test func measuresSolutions() throws {
    let tall = Array(sample.matrix[..<600])
    let y = observations[0]
    var model = RecoveryModel()
    model.hasIntercept = true
    let given = try RecoveryProblem(
      matrix: .double(Matrix(rows: 30, columns: 20, columnMajor: tall)), observation: y,
      model: model)
    let expected = try OMP().solve(given, sparsity: 3, on: CPUBackend(threads: 1))
    let variance = try #require(
      ExplainedVariance(of: y, residualNorm: expected.residualNorm, given))
    try tall.withUnsafeBufferPointer { matrix in
      try withOptions([("intercept", "true"), ("threads", "1")]) { options in
        var made: OpaquePointer?
        try require(
          sr_problem_create(
            matrix.baseAddress, Int32(SR_DOUBLE), 30, 20, 30, options, &made))
        let problem = try #require(made)
        var few = sample
        few.observation = y
        try withResults(few, problem, [("algorithm", "omp")]) { results in
          for (name, criterion) in [
            ("aic", InformationCriterion.aic), ("bic", .bic), ("ebic", .ebic()), ("gic", .gic),
          ] {
            #expect(
              try measure(results, 0, name) == criterion.value(of: expected, for: given), "\(name)")
          }
          #expect(try measure(results, 0, "r_squared") == variance.rSquared)
          #expect(try measure(results, 0, "adjusted_r_squared") == variance.adjusted(columns: 3))
          let cp = try MallowsCp(given, on: CPUBackend()).value(of: expected)
          #expect(try measure(results, 0, "cp", problem) == cp)
          for (place, name, other, text) in [
            (0, "cp", nil, "problem: expected memory"), (1, "aic", nil, "place: expected"),
            (-1, "aic", nil, "place: expected"), (0, "worth", nil, "expected one of aic, bic"),
          ] as [(Int, String, OpaquePointer?, String)] {
            #expect { try measure(results, place, name, other) } throws: {
              ($0 as? Refusal)?.message.contains(text) == true
            }
          }
          try withProblem(sample) { other in
            _ = #expect { try measure(results, 0, "cp", other) } throws: {
              ($0 as? Refusal)?.message.contains("that of the results, 30 × 20") == true
            }
          }
          sr_problem_destroy(problem)
          // What needs no matrix outlives the problem.
          #expect(
            try measure(results, 0, "aic")
              == InformationCriterion.aic.value(of: expected, for: given))
        }
      }
    }
  }

  @Test func namesAlternatives() throws {
    let y = observations[0]
    let given = try problem(y)
    let engine = try CPUBackend(threads: 1).load(given.atoms, precision: .double)
    let workspace = Workspace(given, on: engine)
    var seen = Alternatives(count: 2)
    let best = try SEA().solve(workspace, sparsity: 3) {
      seen.note($0)
      return .proceed
    }
    let others = try seen.besides(best, workspace)
    var noisy = sample
    noisy.observation = y
    try withRegression { problem in
      try withResults(noisy, problem, [("algorithm", "sea"), ("alternatives", "2")]) { results in
        #expect(sr_results_count(results) == 3)
        for (place, expected) in ([best] + others).enumerated() {
          let found = try solution(results, Int64(place))
          #expect(support(found) == expected.support.map(Int64.init))
          #expect(found.residual_norm == expected.residualNorm && found.observation == 0)
        }
      }
      for (words, text) in [
        ([("alternatives", "0")], "a number from 1 to 1000"),
        ([("alternatives", "1"), ("joint", "true"), ("algorithm", "omp")], "several observations"),
      ] {
        #expect { try withResults(noisy, problem, words) { _ in } } throws: {
          ($0 as? Refusal)?.message.contains(text) == true
        }
      }
    }
  }

  @Test(arguments: [
    ("aic,aic", "criterion: expected some of aic"), ("bic,", "criterion: expected some of aic"),
    (" bic", "criterion: expected some of aic"), ("", "criterion: expected some of aic"),
  ])
  func refusesCriteria(text: String, message: String) throws {
    try withRegression { problem in
      #expect {
        try withPaths(problem, [observations[0]], [("criterion", text)]) { _ in }
      } throws: { ($0 as? Refusal)?.message.hasPrefix(message) == true }
      #expect {
        try withPaths(
          problem, [observations[0]], [("criterion", "bic,cv"), ("target-residual", "0.5")]
        ) { _ in }
      } throws: {
        ($0 as? Refusal)?.message == "criterion: expected none with target-residual, found bic,cv"
      }
    }
  }
}
