import CSparseRecovery
import Glibc
import SparseRecovery
import SparseRecoveryC
import Testing

/// Losses other than least squares: C has what the library has, and refuses what has no meaning under them.
struct LossInterfaceTests {
  /// A problem under a loss, as C and as the library state it: with an intercept and a ridge, so that there is a
  /// minimum on every support.
  private struct Given {
    var sample = Sample()
    let words: [(String, String)]
    let problem: RecoveryProblem

    init(_ name: String) throws {
      let loss: any Loss =
        switch name {
        case "logistic": LogisticLoss()
        case "poisson": PoissonLoss()
        default: try HuberLoss(threshold: 0.5)
        }
      sample.observation = sample.observation.enumerated().map { i, score in
        switch name {
        case "logistic": (score > 0) == (i % 7 != 0) ? 1 : 0
        case "poisson": (2 * exp(score / 3)).rounded() + Double(i % 2)
        default: i % 9 == 0 ? 50 : score + 0.2 * Double(i % 5)
        }
      }
      var model = RecoveryModel()
      model.hasIntercept = true
      model.ridge = 0.5
      problem = try RecoveryProblem(
        matrix: .double(Matrix(rows: 30, columns: 80, columnMajor: sample.matrix)),
        observation: sample.observation, model: model, loss: loss)
      words =
        [("backend", "cpu"), ("threads", "1"), ("intercept", "true"), ("ridge", "0.5")]
        + [("loss", name)] + (name == "huber" ? [("huber-threshold", "0.5")] : [])
    }
  }

  private static let names = ["logistic", "poisson", "huber"]

  private func measure(_ results: OpaquePointer, _ name: String, _ place: Int64 = 0) throws
    -> Double
  {
    var value = -1.0
    try require(sr_results_measure(results, place, name, nil, &value))
    return value
  }

  /// What a call refuses, or nil.
  private func refusal(_ body: () throws -> Void) throws -> Refusal? {
    do { try body() } catch let refusal as Refusal { return refusal }
    return nil
  }

  @Test(arguments: names, ["portfolio", "sea", "omp", "splicing"])
  func solvesWithTheBitsOfTheLibrary(name: String, algorithm: String) throws {
    let given = try Given(name)
    let solver: any Solver = Algorithm.named(algorithm)?.solver(Limits()) ?? Portfolio()
    let expected = try solver.solve(given.problem, sparsity: 3, on: CPUBackend(threads: 1))
    try withProblem(given.sample, given.words) { problem in
      try withResults(given.sample, problem, [("algorithm", algorithm)]) { results in
        let found = try solution(results)
        #expect(support(found) == expected.support.map(Int64.init))
        #expect(coefficients(found) == expected.coefficients)
        #expect(found.intercept == expected.intercept)
        #expect(found.residual_norm == expected.residualNorm)
        #expect(found.relative_residual == expected.relativeResidual)
        #expect(found.iterations == expected.iterations)
        let share = expected.relativeResidual * expected.relativeResidual
        #expect(try measure(results, "loss") == expected.loss)
        #expect(try measure(results, "explained_loss") == 1 - share)
        let likelihood = ["aic", "bic", "ebic", "gic", "deviance", "explained_deviance"]
        let refused: [String]
        if name == "huber" {
          refused = ["cp", "r_squared", "adjusted_r_squared"] + likelihood
        } else {
          refused = ["cp", "r_squared", "adjusted_r_squared"]
          #expect(try measure(results, "deviance") == 2 * expected.loss)
          #expect(try measure(results, "explained_deviance") == 1 - share)
          for (name, criterion) in [
            ("aic", InformationCriterion.aic), ("bic", .bic), ("ebic", .ebic()), ("gic", .gic),
          ] {
            #expect(
              try measure(results, name) == criterion.value(of: expected, for: given.problem))
          }
        }
        for word in refused {
          let refusal = try #require(try refusal { _ = try measure(results, word) }, "\(word)")
          #expect(refusal.status == Int32(SR_REQUEST))
          #expect(
            refusal.message.hasPrefix("\(word): expected ")
              && refusal.message.contains("found the \(name) loss"), "\(refusal.message)")
        }
      }
    }
  }

  /// How long the portfolio searches is said as under least squares.
  @Test(arguments: names) func takesEfforts(name: String) throws {
    let given = try Given(name)
    let portfolio = Portfolio(effort: .thorough, rounds: 1)
    let expected = try portfolio.solve(given.problem, sparsity: 3, on: CPUBackend(threads: 1))
    try withProblem(given.sample, given.words) { problem in
      try withResults(given.sample, problem, [("effort", "thorough"), ("rounds", "1")]) { results in
        let found = try solution(results)
        #expect(support(found) == expected.support.map(Int64.init))
        #expect(found.rounds == expected.rounds)
      }
    }
  }

  /// The criteria of a path are those of the library, and what chooses by default has a meaning.
  @Test(arguments: names) func choosesFromPaths(name: String) throws {
    let given = try Given(name)
    let backend = CPUBackend(threads: 1)
    let path = try SparsityPath(solver: OMP()).solve(given.problem, sparsities: 1...4, on: backend)
    let judgement = PathJudgement(of: SparsityPath(solver: OMP()), given.problem, on: backend)
    let cv = try judgement.choice(from: path, by: .crossValidation(FoldPlan(3))).choice
    let bic = name == "huber" ? nil : try path.choice(by: .bic, for: given.problem)
    let words =
      [("algorithm", "omp"), ("folds", "3")] + (bic == nil ? [] : [("criterion", "bic,cv")])
    try withProblem(given.sample, given.words) { problem in
      try withOptions(words) { options in
        var handle: OpaquePointer?
        try require(
          sr_path(problem, given.sample.observation, 30, 1, 4, options, nil, &handle))
        let results = try #require(handle)
        defer { sr_results_destroy(results) }
        func numbers(_ name: String) -> [Double] {
          var values: UnsafePointer<Double>?
          let count = sr_results_numbers(results, name, &values)
          return Array(UnsafeBufferPointer(start: values, count: Int(count)))
        }
        #expect(numbers("cv") == cv.values && numbers("standard_errors") == cv.standardErrors)
        #expect(sr_results_chosen_by(results, "cv") == Int64(cv.sparsity - 1))
        #expect(sr_results_chosen(results) == Int64((bic ?? cv).sparsity - 1))
        if let bic { #expect(numbers("bic") == bic.values) }
        for (place, point) in path.points.enumerated() {
          let found = try solution(results, Int64(place))
          #expect(coefficients(found) == point.solution.coefficients)
          #expect(try measure(results, "loss", Int64(place)) == point.solution.loss)
        }
      }
    }
  }

  @Test(arguments: [
    ("logistic", 0.5, "expected 0 or 1, found 0.5 at index 4 of the observation"),
    ("poisson", -1, "expected at least 0, found -1.0 at index 4 of the observation"),
    ("huber", .infinity, "expected finite numbers, found inf at index 4 of the observation"),
  ])
  func refusesObservations(name: String, value: Double, text: String) throws {
    var given = try Given(name)
    given.sample.observation[4] = value
    try withProblem(given.sample, given.words) { problem in
      let wanted = Refusal(status: Int32(SR_DATA), message: text)
      #expect(throws: wanted) { try withResults(given.sample, problem) { _ in } }
      var results: OpaquePointer?
      #expect(throws: wanted) {
        try require(
          sr_path(problem, given.sample.observation, 30, 1, 4, nil, nil, &results))
      }
      // Zeros are observations under every loss.
      given.sample.observation = [Double](repeating: 0, count: 30)
      let left = try withResults(given.sample, problem, [("algorithm", "omp")]) {
        try measure($0, "loss")
      }
      #expect(left >= 0)
    }
  }

  @Test(arguments: [
    ([("loss", "cubic")], "loss: expected one of squares, logistic, huber, poisson, found cubic"),
    ([("loss", "huber")], "loss: expected huber-threshold as well"),
    ([("loss", "huber"), ("huber-threshold", "0")], "huber-threshold: expected a finite number"),
    ([("huber-threshold", "2")], "huber-threshold: expected none but with loss huber, found 2.0"),
    ([("loss", "logistic"), ("cache-memory", "1M")], "cache-memory: expected loss squares"),
  ])
  func refusesProblems(words: [(String, String)], text: String) throws {
    let refusal = try refusal { try withProblem(Sample(), words) { _ in } }
    #expect(refusal?.status == Int32(SR_REQUEST))
    #expect(refusal?.message.hasPrefix(text) == true, "\(refusal?.message ?? "nothing")")
  }

  @Test(arguments: [
    ("logistic", [("algorithm", "iht")], "algorithm: expected with loss logistic one of portfolio"),
    (
      "poisson", [("joint", "true"), ("algorithm", "els")],
      "algorithm: expected with loss poisson one of portfolio"
    ),
    (
      "huber", [("algorithm", "sea"), ("gradient", "gram")],
      "gradient: expected auto or direct with loss huber, found gram"
    ),
    (
      "huber", [("criterion", "cv,bic")],
      "criterion: expected cv or none with loss huber, which is no likelihood, found bic"
    ),
  ])
  func refusesRequests(name: String, words: [(String, String)], text: String) throws {
    let given = try Given(name)
    try withProblem(given.sample, given.words) { problem in
      let refusal = try refusal {
        try withOptions(words) { options in
          var results: OpaquePointer?
          try require(
            sr_path(problem, given.sample.observation, 30, 1, 3, options, nil, &results))
          sr_results_destroy(results)
        }
      }
      #expect(refusal?.status == Int32(SR_REQUEST))
      #expect(refusal?.message.hasPrefix(text) == true, "\(refusal?.message ?? "nothing")")
    }
  }

  /// A table so tall that least squares are solved on few rows, which says nothing of another loss.
  @Test(arguments: ["squares", "logistic"]) func reducesForSquaresAlone(name: String) throws {
    let (m, n) = (131072, 8)
    var generator = SystemlessGenerator(state: 5)
    let matrix = (0..<m * n).map { _ in generator.next() }
    let y: [Double] = (0..<m).map { matrix[$0] + matrix[m + $0] + generator.next() > 0 ? 1 : 0 }
    try matrix.withUnsafeBufferPointer { matrix in
      func create(_ words: [(String, String)]) throws -> OpaquePointer {
        try withOptions(words) { options in
          var problem: OpaquePointer?
          try require(
            sr_problem_create(
              matrix.baseAddress, Int32(SR_DOUBLE), Int64(m), Int64(n), Int64(m), options, &problem)
          )
          return try #require(problem)
        }
      }
      func solve(_ problem: OpaquePointer) throws -> (support: [Int64], notices: Int64) {
        try withOptions([("algorithm", "omp")]) { options in
          var results: OpaquePointer?
          try require(sr_solve(problem, y, Int64(m), 1, Int64(m), 2, options, nil, &results))
          defer { sr_results_destroy(results) }
          let found = try solution(try #require(results))
          return (support(found), found.notices)
        }
      }
      let problem = try create([("loss", name), ("backend", "cpu"), ("intercept", "true")])
      defer { sr_problem_destroy(problem) }
      let found = try solve(problem)
      #expect(found.support == [0, 1] && found.notices == (name == "squares" ? 1 : 0))
      guard name != "squares" else { return }
      let forced = try create([("loss", name), ("reduce", "on"), ("backend", "cpu")])
      defer { sr_problem_destroy(forced) }
      let refusal = try refusal { _ = try solve(forced) }
      #expect(
        refusal?.message == "reduce: expected off under another loss than least squares, found on")
    }
  }
}
