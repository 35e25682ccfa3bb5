import CSparseRecovery
import Glibc
import MatrixFiles
import SparseRecovery
import SparseRecoveryC
import TestSupport
import Testing

/// The C interface gives what the library gives.
struct InterfaceTests {
  private let sample = Sample()

  private var problem: RecoveryProblem {
    get throws {
      try RecoveryProblem(
        matrix: .double(
          Matrix(rows: sample.rows, columns: sample.columns, columnMajor: sample.matrix)),
        observation: sample.observation)
    }
  }

  @Test(arguments: ["portfolio"] + Algorithm.all.map(\.name))
  func solvesWithTheBitsOfTheLibrary(algorithm: String) throws {
    let solver: any Solver = Algorithm.named(algorithm)?.solver(Limits()) ?? Portfolio()
    var sample = sample
    // So few supports that a proof needs no ridge.
    if algorithm == BranchAndBound.name { sample.sparsity = 2 }
    let expected = try solver.solve(
      problem, sparsity: sample.sparsity, on: CPUBackend(threads: 1))
    try withProblem(sample, [("backend", "cpu"), ("threads", "1")]) { problem in
      try withResults(sample, problem, [("algorithm", algorithm)]) { results in
        let found = try solution(results)
        #expect(support(found) == expected.support.map(Int64.init))
        #expect(coefficients(found) == expected.coefficients)
        #expect(found.relative_residual == expected.relativeResidual)
        #expect(found.iterations == expected.iterations)
        #expect(String(cString: found.stop_reason) == expected.stopReason.rawValue)
        #expect(String(cString: found.engine) == "\(expected.engine)")
        #expect(found.warnings == expected.warnings.count)
        #expect(found.optimality_gap.isNaN == (expected.optimalityGap == nil))
        if let gap = expected.optimalityGap { #expect(found.optimality_gap == gap) }
      }
    }
  }

  /// Draws and folds of one's own have the bits of the library.
  @Test func drawsRowsAndTakesFolds() throws {
    let labels = (0..<30).map { $0 % 3 }
    let matrix = DenseMatrix.double(
      try Matrix(rows: sample.rows, columns: sample.columns, columnMajor: sample.matrix))
    let path = SparsityPath(solver: OMP())
    let draws = try Resampling(.subsample, draws: 4, path: path, seed: 7).run(
      matrix, observation: sample.observation, sparsities: 1...4, on: CPUBackend(threads: 1))
    let folds = try #require(
      try CrossValidation(path: path, plan: FoldPlan(labels: [labels])).run(
        matrix, observation: sample.observation, sparsities: 1...4, on: CPUBackend(threads: 1)))
    try withProblem(sample, [("backend", "cpu"), ("threads", "1")]) { problem in
      try withOptions([
        ("algorithm", "omp"), ("criterion", "cv"), ("subsample", "4"), ("seed", "7"),
      ]) { options in
        let numbers = labels.map(Double.init)
        try require(sr_options_set_numbers(options, "fold-labels", numbers, 30))
        var results: OpaquePointer?
        try require(sr_path(problem, sample.observation, 30, 1, 4, options, nil, &results))
        defer { sr_results_destroy(results) }
        func list(_ name: String) -> [Double] {
          var values: UnsafePointer<Double>?
          let count = sr_results_numbers(results, name, &values)
          return Array(UnsafeBufferPointer(start: values, count: Int(count)))
        }
        #expect(list("fold_errors") == folds.folds.flatMap(\.self))
        #expect(list("draws") == [4])
        let frequencies = (1...4).flatMap { k in
          let found = draws.frequencies(at: k)
          return (0..<sample.columns).map { j in
            found.first { $0.column == j }?.frequency ?? 0
          }
        }
        #expect(list("frequencies") == frequencies)
        #expect(list("held_out_errors") == (1...4).compactMap { draws.heldOutError(at: $0)?.mean })
        #expect(list("held_out_deviations").count == 4)
      }
    }
  }

  /// Columns are selected in groups, of which a sparsity counts so many.
  @Test func selectsGroups() throws {
    var model = RecoveryModel()
    model.columnGroups = (0..<80).map { $0 % 30 }
    let grouped = try RecoveryProblem(
      matrix: .double(Matrix(rows: 30, columns: 80, columnMajor: sample.matrix)),
      observation: sample.observation, model: model)
    let expected = try Portfolio().solve(grouped, sparsity: 3, on: CPUBackend(threads: 1))
    try withOptions([("backend", "cpu"), ("threads", "1")]) { options in
      let groups = (model.columnGroups ?? []).map { Double(2 * $0 - 7) }
      try require(sr_options_set_numbers(options, "column-groups", groups, 80))
      var problem: OpaquePointer?
      try require(
        sr_problem_create(sample.matrix, Int32(SR_DOUBLE), 30, 80, 30, options, &problem))
      defer { sr_problem_destroy(problem) }
      try withResults(sample, #require(problem)) { results in
        let found = try solution(results)
        #expect(support(found) == expected.support.map(Int64.init))
      }
      try require(sr_options_set_numbers(options, "column-groups", [0.5, 1], 2))
      var refused: OpaquePointer?
      #expect(
        throws: Refusal(
          status: Int32(SR_REQUEST),
          message: "column-groups: expected a whole number for each column, found other numbers")
      ) {
        try require(
          sr_problem_create(sample.matrix, Int32(SR_DOUBLE), 30, 80, 30, options, &refused))
      }
    }
  }

  @Test func choosesFromPaths() throws {
    let path = try SparsityPath(solver: OMP()).solve(
      problem, sparsities: 0...5, on: CPUBackend(threads: 1))
    let expected = try path.choice(by: .bic, for: problem)
    try withProblem(sample) { problem in
      try withOptions([("algorithm", "omp"), ("criterion", "bic")]) { options in
        var results: OpaquePointer?
        try require(sr_path(problem, sample.observation, 30, 0, 5, options, nil, &results))
        defer { sr_results_destroy(results) }
        #expect(sr_results_count(results) == 6)
        #expect(sr_results_chosen(results) == expected.sparsity)
        var values: UnsafePointer<Double>?
        let count = sr_results_numbers(results, "criterion", &values)
        #expect(Array(UnsafeBufferPointer(start: values, count: Int(count))) == expected.values)
        #expect(sr_results_numbers(results, "standard_errors", &values) == 0)
        for (place, point) in path.points.enumerated() {
          let found = try solution(try #require(results), Int64(place))
          #expect(found.sparsity == point.sparsity)
          #expect(support(found) == point.solution.support.map(Int64.init))
        }
      }
    }
  }

  @Test func solvesForSeveralObservations() throws {
    var several = sample
    several.observation += sample.matrix[0..<30].map { 5 * $0 }
    try withProblem(sample) { problem in
      for (algorithm, isJoint) in [
        ("omp", false), ("omp", true), ("els", true), ("amp", true), ("vamp", true), (nil, true),
      ] {
        let words = [("joint", isJoint ? "true" : "false")]
        try withOptions(words + (algorithm.map { [("algorithm", $0)] } ?? [])) { options in
          var results: OpaquePointer?
          try require(
            sr_solve(problem, several.observation, 30, 2, 30, 4, options, nil, &results))
          defer { sr_results_destroy(results) }
          let found = try (0..<2).map { try support(solution(try #require(results), $0)) }
          #expect(isJoint ? found == [[0, 7, 41, 66], [0, 7, 41, 66]] : found[1] == [0])
        }
      }
    }
  }

  /// A leading dimension beyond the rows, and single precision.
  @Test func borrowsMatrices() throws {
    var wide = [Float](repeating: .nan, count: 33 * 80)
    for j in 0..<80 { for i in 0..<30 { wide[i + 33 * j] = Float(sample.matrix[i + 30 * j]) } }
    try withOptions([("precision", "single")]) { options in
      try wide.withUnsafeBufferPointer { matrix in
        var problem: OpaquePointer?
        try require(
          sr_problem_create(
            matrix.baseAddress, Int32(SR_SINGLE), 30, 80, 33, options, &problem))
        defer { sr_problem_destroy(problem) }
        #expect(sr_problem_rows(problem) == 30 && sr_problem_columns(problem) == 80)
        try withResults(sample, try #require(problem)) { results in
          let found = try solution(results)
          #expect(support(found) == sample.support)
        }
      }
    }
  }

  @Test func opensFiles() throws {
    let folder = TemporaryFolder()
    let path = folder("A.npy")
    try MatrixFile.write(
      problem.atoms.dense ?? .double(Matrix(rows: 1, columns: 1, columnMajor: [0])), to: path)
    var opened: OpaquePointer?
    try require(sr_problem_open(path, nil, &opened))
    defer { sr_problem_destroy(opened) }
    try withResults(sample, try #require(opened)) { results in
      let found = try solution(results)
      #expect(support(found) == sample.support)
    }
    var none: OpaquePointer?
    #expect(sr_problem_open(folder("nowhere.npy"), nil, &none) == SR_FILE)
    #expect(none == nil)
  }

  @Test func watchesAndStops() throws {
    final class Seen { var iterations: [Int64] = [] }
    let seen = Seen()
    var watch = sr_watch()
    watch.context = Unmanaged.passUnretained(seen).toOpaque()
    watch.observe = { context, report in
      guard let context, let report = report?.pointee else { return 1 }
      let seen = Unmanaged<Seen>.fromOpaque(context).takeUnretainedValue()
      seen.iterations.append(report.iteration)
      return seen.iterations.count == 5 ? 1 : 0
    }
    var noisy = sample
    noisy.observation = noisy.observation.enumerated().map { $1 + 0.1 * Double($0 % 7) }
    try withProblem(noisy) { problem in
      try withResults(noisy, problem, [("algorithm", "sea")], watch: &watch) { results in
        let reason = try solution(results).stop_reason
        #expect(reason.map { String(cString: $0) } == "interrupted")
      }
      #expect(seen.iterations == [0, 1, 2, 3, 4])
      #expect(watch.iteration == 5 && watch.best < 1)
      watch.observe = nil
      watch.stop = 1
      try withResults(noisy, problem, [("algorithm", "sea")], watch: &watch) { results in
        let found = try solution(results)
        #expect(found.iterations == 1)
      }
    }
  }

  /// What an observer asks of the problem that is being solved would wait for itself.
  @Test func observersCannotSolveTheSameProblem() throws {
    final class Seen {
      var problem: OpaquePointer?
      var statuses: [Int32] = []
      let observation: [Double]
      init(_ observation: [Double]) { self.observation = observation }
    }
    let seen = Seen(sample.observation)
    var watch = sr_watch()
    watch.context = Unmanaged.passUnretained(seen).toOpaque()
    watch.observe = { context, _ in
      guard let context else { return 1 }
      let seen = Unmanaged<Seen>.fromOpaque(context).takeUnretainedValue()
      var results: OpaquePointer?
      seen.statuses.append(
        sr_solve(seen.problem, seen.observation, 30, 1, 30, 2, nil, nil, &results))
      return 1
    }
    try withProblem(sample) { problem in
      seen.problem = problem
      try withResults(sample, problem, [("algorithm", "sea")], watch: &watch) { results in
        let reason = try solution(results).stop_reason
        #expect(reason.map { String(cString: $0) } == "interrupted")
      }
      #expect(seen.statuses == [Int32(SR_REQUEST)])
    }
  }

  @Test func callsOperators() throws {
    let sample = sample
    try withUnsafePointer(to: sample) { context in
      var functions = sr_operator()
      functions.size = Int64(MemoryLayout<sr_operator>.size)
      functions.rows = 30
      functions.columns = 80
      functions.context = UnsafeMutableRawPointer(mutating: UnsafeRawPointer(context))
      functions.copy_columns = { context, columns, count, target in
        guard let context, let columns, let target else { return 1 }
        let sample = context.assumingMemoryBound(to: Sample.self).pointee
        for place in 0..<Int(count) {
          for i in 0..<30 { target[30 * place + i] = sample.matrix[i + 30 * Int(columns[place])] }
        }
        return 0
      }
      var problem: OpaquePointer?
      try require(sr_problem_of_operator(&functions, nil, &problem))
      defer { sr_problem_destroy(problem) }
      try withResults(sample, try #require(problem)) { results in
        let found = try solution(results)
        #expect(support(found) == sample.support)
      }
      functions.gram = { context, i, rows, j, columns, weights, products in
        guard let context, let i, let j, let products else { return 1 }
        let a = context.assumingMemoryBound(to: Sample.self).pointee.matrix
        for q in 0..<Int(columns) {
          for p in 0..<Int(rows) {
            products[p + q * Int(rows)] = (0..<30).reduce(0) {
              $0 + (weights?[$1] ?? 1) * a[$1 + 30 * Int(i[p])] * a[$1 + 30 * Int(j[q])]
            }
          }
        }
        return 0
      }
      functions.squared_norms = { context, weights, squares in
        guard let context, let squares else { return 1 }
        let a = context.assumingMemoryBound(to: Sample.self).pointee.matrix
        for j in 0..<80 {
          squares[j] = (0..<30).reduce(0) {
            $0 + (weights?[$1] ?? 1) * a[$1 + 30 * j] * a[$1 + 30 * j]
          }
        }
        return 0
      }
      var knowing: OpaquePointer?
      try require(sr_problem_of_operator(&functions, nil, &knowing))
      defer { sr_problem_destroy(knowing) }
      try withResults(sample, try #require(knowing)) { results in
        let found = try solution(results)
        #expect(support(found) == sample.support)
      }
      functions.gram = { _, _, _, _, _, _, _ in 5 }
      var refused: OpaquePointer?
      // Of what no memory holds, nothing is made.
      for rows in [Int64.max, 1 << 45, 1 << 31] {
        functions.rows = rows
        #expect(sr_problem_of_operator(&functions, nil, &refused) == Int32(SR_DATA))
      }
      functions.rows = 30
      #expect(sr_problem_of_operator(&functions, nil, &refused) == Int32(SR_DATA))
      #expect(refused == nil)
      // As a program compiled before there were inner products has it: what is behind its size is not looked at.
      functions.size = Int64(try #require(MemoryLayout<sr_operator>.offset(of: \.gram)))
      var older: OpaquePointer?
      try require(sr_problem_of_operator(&functions, nil, &older))
      sr_problem_destroy(older)
      functions.size += 1
      #expect(sr_problem_of_operator(&functions, nil, &refused) == Int32(SR_REQUEST))
      functions.size = Int64(MemoryLayout<sr_operator>.size)
      functions.gram = nil
      functions.adjoint = { _, _, _ in 7 }
      var failing: OpaquePointer?
      try require(sr_problem_of_operator(&functions, nil, &failing))
      defer { sr_problem_destroy(failing) }
      #expect(
        throws: Refusal(
          status: Int32(SR_DATA),
          message: "the linear operator could not answer: adjoint returned 7")
      ) {
        try withResults(sample, try #require(failing), [("algorithm", "omp")]) { _ in }
      }
    }
  }

  @Test func takesSparseMatrices() throws {
    let sample = sample
    let starts = (0...80).map { Int64(30 * $0) }
    let rows = (0..<80).flatMap { _ in (0..<30).map(Int64.init) }
    var problem: OpaquePointer?
    try require(sr_problem_of_sparse(30, 80, starts, rows, sample.matrix, nil, &problem))
    defer { sr_problem_destroy(problem) }
    try withResults(sample, try #require(problem)) { results in
      let found = try solution(results)
      #expect(support(found) == sample.support)
    }
    var refused: OpaquePointer?
    var wrong = rows
    wrong[7] = 30
    #expect(
      sr_problem_of_sparse(30, 80, starts, wrong, sample.matrix, nil, &refused) == Int32(SR_DATA))
    #expect(
      String(cString: sr_last_error())
        == "a sparse matrix: expected a row from 0 to 29 for each entry, found 30")
    #expect(
      sr_problem_of_sparse(0, 80, starts, rows, sample.matrix, nil, &refused) == Int32(SR_DATA))
    #expect(sr_problem_of_sparse(30, 80, nil, rows, sample.matrix, nil, &refused) != 0)
    #expect(sr_problem_of_sparse(30, 80, starts, nil, sample.matrix, nil, &refused) != 0)
    #expect(refused == nil)
  }

  @Test func keepsCheckpoints() throws {
    let folder = TemporaryFolder()
    let words = [
      ("algorithm", "sea"), ("checkpoint", folder("state")), ("checkpoint-interval", "0"),
    ]
    var noisy = sample
    noisy.observation = noisy.observation.enumerated().map { $1 + Double($0 % 7) }
    try withProblem(noisy) { problem in
      var watch = sr_watch()
      watch.observe = { _, report in report?.pointee.iteration == 20 ? 1 : 0 }
      try withResults(noisy, problem, words, watch: &watch) { _ in }
      let whole = try withResults(noisy, problem, [("algorithm", "sea")]) { results in
        let found = try solution(results)
        return (support(found), coefficients(found), found.iterations)
      }
      try withResults(noisy, problem, words + [("resume", "true")]) { results in
        let found = try solution(results)
        #expect(support(found) == whole.0 && coefficients(found) == whole.1)
        #expect(found.iterations == whole.2)
      }
    }
  }

  @Test func listsWhatThereIs() throws {
    #expect(sr_abi_version() == SR_ABI_VERSION)
    #expect(String(cString: sr_version()) == packageVersion)
    func names(_ name: (Int64) -> UnsafePointer<CChar>?) -> [String] {
      var names: [String] = []
      while let next = name(Int64(names.count)) { names.append(String(cString: next)) }
      return names
    }
    let algorithms = names(sr_algorithm_name)
    #expect(algorithms == ["portfolio"] + Algorithm.all.map(\.name))
    for owner in ["problem", "solve", "path"] + algorithms {
      let options = names { sr_option_name(owner, $0) }
      #expect(names { sr_option_help(owner, $0) }.allSatisfy { !$0.isEmpty })
      // Each is known by that name, as a word or as a list.
      let handle = sr_options_create()
      defer { sr_options_destroy(handle) }
      for name in options {
        #expect(
          sr_options_set(handle, name, "1") == 0
            || sr_options_set_numbers(handle, name, [1], 1) == 0)
      }
    }
    #expect(sr_option_name("nobody", 0) == nil)
    for place in 0..<sr_device_count() {
      var device = sr_device()
      device.size = Int64(MemoryLayout<sr_device>.size)
      try require(sr_device_describe(place, &device))
      #expect(device.memory > 0 && strlen(device.name) > 0)
    }
  }
}
