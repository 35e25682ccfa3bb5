import CSparseRecovery
import Glibc
import SparseRecoveryC
import Testing

/// Nothing that C may pass stops the process, but pointers that point nowhere.
struct ArgumentTests {
  private let sample = Sample()

  /// Tables that are reduced: null, short and wild arguments, and the rows of the sample in two parts.
  @Test func reducesTables() throws {
    var table: OpaquePointer?
    for (columns, observations) in [(0, 1), (-4, 1), (3, 0), (1 << 40, 1), (3, Int64.max)]
      as [(Int64, Int64)]
    {
      #expect(sr_reduced_create(columns, observations, &table) == SR_REQUEST)
    }
    #expect(sr_reduced_create(3, 1, nil) == SR_REQUEST && table == nil)
    try require(sr_reduced_create(80, 1, &table))
    defer { sr_reduced_destroy(table) }
    var (matrix, y, weight) = (
      [Double](repeating: 0, count: 82 * 80), [Double](repeating: 0, count: 82), 0.0
    )
    #expect(sr_reduced_contents(table, &matrix, &y, &weight) == SR_REQUEST)
    try sample.matrix.withUnsafeBufferPointer { a in
      let start = try #require(a.baseAddress)
      let observed = sample.observation
      #expect(sr_reduced_add(nil, start, 8, 30, 30, observed, 30, nil) == SR_REQUEST)
      #expect(sr_reduced_add(table, nil, 8, 30, 30, observed, 30, nil) == SR_REQUEST)
      #expect(sr_reduced_add(table, start, 8, 30, 30, nil, 30, nil) == SR_REQUEST)
      #expect(sr_reduced_add(table, start, 7, 30, 30, observed, 30, nil) == SR_REQUEST)
      #expect(sr_reduced_add(table, start, 8, 30, 29, observed, 30, nil) == SR_REQUEST)
      #expect(sr_reduced_add(table, start, 8, 30, 30, observed, 29, nil) == SR_REQUEST)
      #expect(sr_reduced_add(table, start, 8, -1, 30, observed, 30, nil) != SR_OK)
      #expect(sr_reduced_add(table, start, 8, 30, .max, observed, 30, nil) != SR_OK)
      #expect(sr_reduced_rows(table) == 0)
      try require(sr_reduced_add(table, start, 8, 13, 30, observed, 30, nil))
      try observed.withUnsafeBufferPointer {
        try require(
          sr_reduced_add(
            table, start + 13, 8, 17, 30, try #require($0.baseAddress) + 13, 30,
            [Double](repeating: 1, count: 17)))
      }
    }
    #expect(sr_reduced_rows(table) == 30 && sr_reduced_width(table) == 82)
    #expect(
      sr_reduced_merge(table, nil) == SR_REQUEST && sr_reduced_merge(nil, table) == SR_REQUEST)
    for place in 0..<3 {
      let status =
        switch place {
        case 0: sr_reduced_contents(table, nil, &y, &weight)
        case 1: sr_reduced_contents(table, &matrix, nil, &weight)
        default: sr_reduced_contents(table, &matrix, &y, nil)
        }
      #expect(status == SR_REQUEST)
    }
    try require(sr_reduced_contents(table, &matrix, &y, &weight))
    #expect(abs(weight * 82 - 30) < 1e-10)
    for j in [0, 41, 79] {
      let expected = (0..<30).reduce(0) { $0 + sample.matrix[30 * j + $1] * sample.observation[$1] }
      let found = (0..<82).reduce(0) { $0 + weight * matrix[82 * j + $1] * y[$1] }
      #expect(abs(found - expected) < 1e-9)
    }
    try require(sr_reduced_merge(table, table))
    #expect(sr_reduced_rows(table) == 60)
    sr_reduced_destroy(nil)
    #expect(sr_reduced_rows(nil) == 0 && sr_reduced_width(nil) == 0)
  }

  @Test func refusesNull() throws {
    var problem: OpaquePointer?
    var results: OpaquePointer?
    let refused: [(Int32, String)] = [
      (sr_options_set(nil, "ridge", "1"), "options"),
      (sr_problem_create(nil, 8, 3, 3, 3, nil, &problem), "matrix"),
      (sr_problem_create(sample.matrix, 8, 3, 3, 3, nil, nil), "problem"),
      (sr_problem_open(nil, nil, &problem), "path"),
      (sr_problem_of_operator(nil, nil, &problem), "operator"),
      (sr_solve(nil, sample.observation, 30, 1, 30, 1, nil, nil, &results), "problem"),
      (sr_path(nil, sample.observation, 30, 1, 2, nil, nil, &results), "problem"),
      (sr_paths(nil, sample.observation, 30, 1, 30, 1, 2, nil, nil, &results), "problem"),
      (sr_results_measure(nil, 0, "aic", nil, nil), "results"),
      (sr_results_solution(nil, 0, nil), "results"),
      (sr_device_describe(0, nil), "device"),
    ]
    for (status, name) in refused {
      #expect(status == SR_REQUEST, "\(name)")
    }
    try withOptions([]) { options in
      #expect(sr_options_set(options, nil, "1") == SR_REQUEST)
      #expect(sr_options_set(options, "ridge", nil) == SR_REQUEST)
      #expect(String(cString: sr_last_error()) == "value: expected memory, found a null pointer")
      #expect(sr_options_set_numbers(options, "weights", nil, 3) == SR_REQUEST)
      #expect(sr_options_set_numbers(options, "weights", nil, 0) == SR_OK)
      #expect(String(cString: sr_last_error()) == "")
    }
    try withProblem(sample) { problem in
      #expect(sr_solve(problem, nil, 30, 1, 30, 1, nil, nil, &results) == SR_REQUEST)
      #expect(
        sr_solve(problem, sample.observation, 30, 1, 30, 1, nil, nil, nil) == SR_REQUEST)
      try withResults(sample, problem) { results in
        #expect(sr_results_solution(results, 0, nil) == SR_REQUEST)
        #expect(sr_results_warning(results, 5, 5) == nil)
        #expect(sr_results_numbers(results, nil, nil) == 0)
        var value = 0.0
        #expect(sr_results_measure(results, 0, nil, nil, &value) == SR_REQUEST)
        #expect(sr_results_measure(results, 0, "aic", nil, nil) == SR_REQUEST)
        #expect(sr_results_chosen_by(results, nil) == -1)
        #expect(sr_results_chosen_by(results, "ebic") == -1)
      }
      #expect(
        sr_paths(problem, sample.observation, 30, 1, 30, 1, 2, nil, nil, nil) == SR_REQUEST)
    }
    sr_options_destroy(nil)
    sr_problem_destroy(nil)
    sr_results_destroy(nil)
    #expect(sr_results_chosen_by(nil, "ebic") == -1)
    #expect(problem == nil && results == nil)
  }

  @Test(arguments: [
    (Int64(0), Int64(5), Int64(5), "the matrix is empty: 0 × 5"),
    (5, -1, 5, "the matrix is empty: 5 × -1"),
    (5, 5, 4, "leading dimension: expected at least the 5 rows, found 4"),
    (Int64.max, 2, Int64.max, "larger than can be addressed"),
    (3, 1 << 62, 3, "larger than can be addressed"),
  ])
  func refusesSizes(rows: Int64, columns: Int64, stride: Int64, text: String) {
    var problem: OpaquePointer?
    #expect(
      sr_problem_create(
        sample.matrix, Int32(SR_DOUBLE), rows, columns, stride, nil, &problem) != SR_OK)
    #expect(String(cString: sr_last_error()).contains(text))
    #expect(problem == nil)
  }

  /// Numbers that nobody waits for, or that memory does not hold.
  @Test(arguments: ["alternatives", "fold-repeats", "bootstrap", "subsample"])
  func refusesEndlessRequests(option: String) throws {
    for value in ["1000001", "10000000000000", "\(Int64.max)"] {
      try withProblem(sample) { problem in
        try withOptions([(option, value)]) { options in
          var results: OpaquePointer?
          let observation = sample.observation
          #expect(
            sr_paths(problem, observation, 30, 1, 30, 1, 2, options, nil, &results)
              == Int32(SR_REQUEST))
          #expect(String(cString: sr_last_error()).contains("expected a number from 1 to 1000"))
        }
      }
    }
  }

  /// Records of a caller with an older, smaller header, and of one that has not said.
  @Test func respectsTheSizeOfRecords() throws {
    try withProblem(sample) { problem in
      try withResults(sample, problem) { results in
        var found = sr_solution()
        found.residual_norm = -5
        found.size = 24
        try require(sr_results_solution(results, 0, &found))
        #expect(found.size == 24 && found.count == 3 && found.residual_norm == -5)
        for size in [Int64(0), -1, 1 << 40] {
          found.size = size
          #expect(sr_results_solution(results, 0, &found) == SR_REQUEST)
        }
      }
    }
  }

  @Test func cutsLongMessagesBetweenCharacters() throws {
    let name = String(repeating: "é", count: 3000)
    #expect(sr_problem_open(name, nil, nil) == SR_REQUEST)
    var problem: OpaquePointer?
    #expect(sr_problem_open(name, nil, &problem) == SR_FILE)
    let bytes = Array(UnsafeBufferPointer(start: sr_last_error(), count: strlen(sr_last_error())))
    #expect(bytes.count < 1024)
    #expect(String(validating: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self) != nil)
  }

  /// Calls with arguments drawn from those that callers get wrong, by least squares and by another loss.
  @Test(arguments: [[], [("loss", "huber"), ("huber-threshold", "0.1")]])
  func survivesWildArguments(loss: [(String, String)]) throws {
    var generator = SystemlessGenerator(state: 11)
    let sizes: [Int64] = [.min, -1, 0, 1, 2, 3, 30, 31, 80, 1 << 31, 1 << 40, .max]
    let names =
      ["", "algorithm", "iterations", "ridge", "weights", "include", "joint", "nothing", "seed"]
      + [
        "criterion", "folds", "time-limit", "start", "threads", "gradient", "effort",
        "alternatives",
      ]
    let texts =
      [
        "", "0", "-1", "1e999", "nan", "true", "omp", "sea", "portfolio", "cv", "\u{1F600}",
        "direct",
      ]
      + ["9223372036854775808", "0x10", "quick", "cpu", "aic,cv", "gic,", "3"]
    let measures =
      ["aic", "gic", "cp", "r_squared", "adjusted_r_squared", "loss", "deviance"]
      + ["explained_loss", "explained_deviance", "worth", ""]
    let memory = UnsafeMutableBufferPointer<Double>.allocate(capacity: sample.matrix.count)
    _ = memory.initialize(from: sample.matrix)
    defer { memory.deallocate() }
    let numbers = UnsafePointer(try #require(memory.baseAddress))
    try withProblem(sample, [("threads", "1")] + loss) { problem in
      // Of another loss folds choose from every path, which takes twenty times as long.
      for _ in 0..<(loss.isEmpty ? 3000 : 200) {
        func size() -> Int64 { sizes[generator.below(sizes.count)] }
        // A size that memory is behind.
        func held() -> Int64 { Int64(generator.below(3)) * 15 }
        let options = generator.below(3) == 0 ? nil : sr_options_create()
        defer { sr_options_destroy(options) }
        for _ in 0..<generator.below(3) {
          _ = sr_options_set(
            options, names[generator.below(names.count)], texts[generator.below(texts.count)])
        }
        if generator.below(3) == 0 {
          _ = sr_options_set_numbers(
            options, names[generator.below(names.count)], numbers, held())
        }
        // So that none of them searches for long.
        _ = sr_options_set(options, "time-limit", "0")
        var made: OpaquePointer?
        var results: OpaquePointer?
        var second: OpaquePointer?
        let status: Int32
        switch generator.below(6) {
        case 0:
          let rows = held()
          status = sr_problem_create(
            generator.below(4) == 0 ? nil : UnsafeRawPointer(numbers),
            [Int32(SR_SINGLE), Int32(SR_DOUBLE), 0, -8, .max][generator.below(5)], rows,
            held(), rows + Int64(generator.below(3)) - 1, nil, &made)
          #expect((status == SR_OK) == (made != nil))
        case 1:
          status = sr_path(
            problem, numbers, 30, min(size(), 3), min(size(), 4), options, nil, &results)
        case 2:
          // More rows than the problem has are refused before they are read.
          status = sr_solve(
            problem, numbers, size(), size() & 3, 30, size(), options, nil, &results)
        case 3:
          var both = [OpaquePointer?](repeating: nil, count: 2)
          status = sr_paths(
            problem, numbers, 30, min(size(), 2), min(size(), 45), min(size(), 3), min(size(), 4),
            options, nil, &both)
          (results, second) = (both[0], both[1])
        default:
          status = sr_solve(problem, numbers, 30, 1, 30, size() & 15, options, nil, &results)
        }
        #expect((status == SR_OK) == (made != nil || results != nil))
        #expect((status == SR_OK) == (strlen(sr_last_error()) == 0))
        for place in 0..<sr_results_count(results) {
          let found = try solution(try #require(results), place)
          #expect(support(found).allSatisfy { (0..<80).contains($0) })
        }
        let name = measures[generator.below(measures.count)]
        var value = 0.0
        let measured = sr_results_measure(
          results, size() & 3, name, generator.below(2) == 0 ? nil : problem, &value)
        #expect((measured == SR_OK) == (strlen(sr_last_error()) == 0))
        #expect(sr_results_chosen_by(results, name) < sr_results_count(results))
        sr_results_destroy(second)
        _ = sr_results_warning(results, size(), size())
        _ = sr_results_notice(results, size())
        sr_results_destroy(results)
        sr_problem_destroy(made)
      }
    }
  }
}
