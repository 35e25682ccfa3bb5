import CSparseRecovery
import Glibc
import SparseRecoveryC
import Testing

/// Problems of complex numbers, as C states them.
@Suite struct ComplexInterfaceTests {
  private static let (rows, columns) = (20, 40)
  /// Column-major, real and imaginary parts in turns.
  private let matrix: [Double]
  /// (1 + 2i) a₄ − 3i a₁₇.
  private let observation: [Double]

  init() {
    var generator = SystemlessGenerator(state: 5)
    let (m, n) = (Self.rows, Self.columns)
    let matrix = (0..<2 * m * n).map { _ in generator.next() }
    self.matrix = matrix
    observation = (0..<m).flatMap { i in
      let (a, b) = (2 * (i + 4 * m), 2 * (i + 17 * m))
      return [
        matrix[a] - 2 * matrix[a + 1] + 3 * matrix[b + 1],
        matrix[a + 1] + 2 * matrix[a] - 3 * matrix[b],
      ]
    }
  }

  private func withProblem(
    _ words: [(String, String)] = [], _ lists: [(String, [Double])] = [],
    _ body: (OpaquePointer) throws -> Void
  ) throws {
    try withOptions([("complex", "true"), ("backend", "cpu")] + words) { options in
      for (name, values) in lists {
        try require(sr_options_set_numbers(options, name, values, Int64(values.count)))
      }
      var problem: OpaquePointer?
      try require(
        sr_problem_create(
          matrix, Int32(SR_DOUBLE), Int64(Self.rows), Int64(Self.columns), Int64(Self.rows),
          options, &problem))
      defer { sr_problem_destroy(problem) }
      try body(try #require(problem))
    }
  }

  private func withResults(
    _ problem: OpaquePointer, _ words: [(String, String)] = [],
    watch: UnsafeMutablePointer<sr_watch>? = nil, _ body: (OpaquePointer) throws -> Void
  ) throws {
    try withOptions(words) { options in
      var results: OpaquePointer?
      let m = Int64(Self.rows)
      try require(
        sr_solve(problem, observation, m, 1, m, 2, options, watch, &results))
      defer { sr_results_destroy(results) }
      try body(try #require(results))
    }
  }

  private func expectFound(_ results: OpaquePointer) throws {
    let found = try solution(results)
    #expect(support(found) == [4, 17])
    let imaginary = try #require(found.imaginary_parts)
    let parts = coefficients(found) + [imaginary[0], imaginary[1]]
    #expect(zip(parts, [1, 0, 2, -3]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(found.residual_norm < 1e-12)
  }

  @Test func countsComplexRowsAndColumns() throws {
    try withProblem { problem in
      #expect(sr_problem_rows(problem) == 20 && sr_problem_columns(problem) == 40)
      #expect(sr_problem_is_complex(problem) == 1)
      try withResults(problem) { try expectFound($0) }
      try withResults(problem, [("algorithm", "omp")]) { try expectFound($0) }
    }
    try SparseRecoveryCTests.withProblem(Sample()) { #expect(sr_problem_is_complex($0) == 0) }
  }

  @Test func observersSeeComplexColumns() throws {
    var watch = sr_watch()
    let seen = Seen()
    watch.context = Unmanaged.passUnretained(seen).toOpaque()
    watch.observe = { context, report in
      guard let context, let report = report?.pointee else { return 1 }
      let seen = Unmanaged<Seen>.fromOpaque(context).takeUnretainedValue()
      seen.supports.append(
        Array(UnsafeBufferPointer(start: report.support, count: Int(report.count))))
      return 0
    }
    try withProblem { problem in
      try withResults(problem, [("algorithm", "omp")], watch: &watch) { try expectFound($0) }
    }
    #expect(seen.supports.last == [4, 17])
    #expect(seen.supports.allSatisfy { $0.count <= 2 && $0.allSatisfy { $0 < 40 } })
  }

  @Test func listsAreOfComplexRowsAndColumns() throws {
    let weights = (0..<Self.rows).map { $0 < 15 ? 1.0 : 0 }
    try withProblem([], [("weights", weights), ("include", [17])]) { problem in
      try withResults(problem) { try expectFound($0) }
    }
    try withProblem([], [("exclude", [4])]) { problem in
      try withResults(problem) { results in
        let found = try support(solution(results))
        #expect(!found.contains(4))
      }
    }
    let refusals = [
      ([("intercept", "true")], "intercept: expected off for complex columns, found on"),
      (
        [("loss", "huber"), ("huber-threshold", "1")],
        "loss: expected squares for complex columns, found huber"
      ),
    ]
    for (words, message) in refusals {
      #expect(throws: Refusal(status: Int32(SR_REQUEST), message: message)) {
        try withProblem(words) { _ in }
      }
    }
    #expect(
      throws: Refusal(
        status: Int32(SR_REQUEST),
        message: "include: expected columns from 0 to 39, found column 40")
    ) { try withProblem([], [("include", [40])]) { _ in } }
  }

  @Test func pathsAreOfComplexColumns() throws {
    try withProblem { problem in
      try withOptions(
        [("algorithm", "omp"), ("criterion", "bic,cv"), ("folds", "4"), ("subsample", "3")]
      ) { options in
        var results: OpaquePointer?
        try require(sr_path(problem, observation, 20, 1, 3, options, nil, &results))
        defer { sr_results_destroy(results) }
        var values: UnsafePointer<Double>?
        #expect(sr_results_numbers(results, "frequencies", &values) == 3 * 40)
        #expect(values?[40 + 4] == 1 && values?[40 + 17] == 1)
        let found = try solution(try #require(results), 1)
        #expect(support(found) == [4, 17] && found.imaginary_parts != nil)
        var bic = 0.0
        try require(sr_results_measure(results, 0, "bic", nil, &bic))
        let one = try solution(try #require(results), 0)
        // 40 numbers observed, two for the coefficient.
        let expected =
          40 * (2 * log(one.residual_norm) - log(40)) + 2 * log(40)
        #expect(abs(bic - expected) < 1e-9)
      }
    }
  }

  @Test func sparseMatricesAndOperatorsAreComplex() throws {
    let m = Self.rows
    let starts = (0...Self.columns).map { Int64($0 * m) }
    let rows = (0..<Self.columns).flatMap { _ in (0..<m).map(Int64.init) }
    try withOptions([("complex", "true"), ("backend", "cpu")]) { options in
      var problem: OpaquePointer?
      try require(
        sr_problem_of_sparse(
          Int64(m), Int64(Self.columns), starts, rows, matrix, options, &problem))
      defer { sr_problem_destroy(problem) }
      try withResults(#require(problem)) { try expectFound($0) }

      let source = Columns(matrix: matrix, rows: m)
      var functions = sr_operator()
      functions.size = Int64(MemoryLayout<sr_operator>.size)
      (functions.rows, functions.columns) = (Int64(m), Int64(Self.columns))
      functions.fingerprint = 1
      functions.context = Unmanaged.passUnretained(source).toOpaque()
      functions.copy_columns = { context, columns, count, target in
        guard let context, let columns, let target else { return 1 }
        let source = Unmanaged<Columns>.fromOpaque(context).takeUnretainedValue()
        let length = 2 * source.rows
        for place in 0..<Int(count) {
          for i in 0..<length {
            target[place * length + i] = source.matrix[Int(columns[place]) * length + i]
          }
        }
        return 0
      }
      var called: OpaquePointer?
      try require(sr_problem_of_operator(&functions, options, &called))
      defer { sr_problem_destroy(called) }
      #expect(sr_problem_rows(called) == 20 && sr_problem_columns(called) == 40)
      try withResults(#require(called)) { try expectFound($0) }

      functions.squared_norms = { _, _, _ in 0 }
      var refused: OpaquePointer?
      #expect(
        throws: Refusal(
          status: Int32(SR_REQUEST),
          message: "gram: expected null for complex numbers, as squared_norms, found a function")
      ) { try require(sr_problem_of_operator(&functions, options, &refused)) }
    }
  }
}

/// What an observer has seen.
private final class Seen {
  var supports: [[Int64]] = []
}

/// A matrix that a function copies columns of.
private final class Columns {
  let matrix: [Double]
  let rows: Int

  init(matrix: [Double], rows: Int) { (self.matrix, self.rows) = (matrix, rows) }
}
