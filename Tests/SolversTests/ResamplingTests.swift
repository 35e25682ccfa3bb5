import SparseRecovery
import Testing

@testable import Solvers

/// Paths on random parts of the rows, against loops over copies of these rows.
@Suite struct ResamplingTests {
  private let matrix: Matrix<Double>
  private let y: [Double]
  private static let rows = 31

  init() throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: Self.rows, columns: 14), sparsity: 3, snr: 8, seed: 4))
    matrix = synthetic.matrix
    y = synthetic.observation.map { $0 + 2 }
  }

  private func weights(_ isWeighted: Bool) -> [Double]? {
    guard isWeighted else { return nil }
    return (0..<Self.rows).map { (i: Int) -> Double in i % 6 == 0 ? 0 : 0.5 + Double(i % 4) }
  }

  private func model(_ isWeighted: Bool, _ variant: Int) -> RecoveryModel {
    var model = RecoveryModel()
    model.weights = weights(isWeighted)
    model.hasIntercept = variant == 1
    model.isStandardized = variant == 2
    model.ridge = variant == 2 ? 0.3 : 0
    model.isNonnegative = variant == 3
    model.included = variant == 1 ? [5] : []
    return model
  }

  private func run(
    _ resampling: Resampling, _ model: RecoveryModel = RecoveryModel(), threads: Int = 1,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws -> ResampledPaths {
    try resampling.run(
      DenseMatrix.double(matrix), observation: y, model: model, sparsities: 1...4,
      on: CPUBackend(threads: threads), resuming: checkpoint, keeper: keeper, observer: observer)
  }

  private func bootstrap(_ draws: Int, seed: UInt64 = 6) -> Resampling {
    Resampling(.bootstrap, draws: draws, path: SparsityPath(solver: OMP()), seed: seed)
  }

  /// A weight c for a row is c copies of it.
  @Test(arguments: Resampling.Scheme.allCases, [0, 1, 2, 3])
  func aDrawIsAPathOfCopies(scheme: Resampling.Scheme, variant: Int) throws {
    for isWeighted in [false, true] {
      let model = model(isWeighted, variant)
      let path = SparsityPath(solver: variant == 3 ? Exhaustive() : nil)
      let found = try run(Resampling(scheme, draws: 3, path: path, seed: 2), model)
      #expect(found.draws.count == 3 && found.stopReason == .converged)
      let all = weights(isWeighted) ?? y.map { _ in 1 }
      let present = all.indices.filter { all[$0] > 0 }
      let rows = RowDraws(scheme, of: present, total: Self.rows, seed: 2, needed: 5)
      for (number, parts) in found.draws.enumerated() {
        for (part, draw) in zip(parts, rows.draw(number)) {
          let copies = draw.counts.enumerated().flatMap { Array(repeating: $0, count: $1) }
          var copied = model
          copied.weights = model.weights.map { weights in copies.map { weights[$0] } }
          let table = try Matrix(
            rows: copies.count, columns: 14,
            columnMajor: (0..<14).flatMap { j in copies.map { matrix[$0, j] } })
          let points = try path.solve(
            RecoveryProblem(
              matrix: .double(table), observation: copies.map { y[$0] }, model: copied),
            sparsities: 1...4, on: CPUBackend(threads: 1)
          ).points
          #expect(part.supports == points.map(\.solution.support))
          for (point, error) in zip(points, part.errors) {
            let expected = heldOutError(point.solution, draw.heldOut, all)
            #expect(abs(error - expected) <= 1e-10 * expected)
          }
        }
      }
    }
  }

  private func heldOutError(
    _ solution: SparseSolution, _ rows: [Int], _ weights: [Double]
  ) -> Double {
    var (sum, total) = (0.0, 0.0)
    for i in rows {
      var fit = solution.intercept ?? 0
      for (j, x) in zip(solution.support, solution.coefficients) { fit += matrix[i, j] * x }
      sum += weights[i] * (fit - y[i]) * (fit - y[i])
      total += weights[i]
    }
    return sum / total
  }

  /// A bootstrap has m rows and judges by the others; halves have no row in common.
  @Test(arguments: [2, 3, 7, 30, 31]) func rowsOfDraws(count: Int) {
    let present = (0..<count).map { 2 * $0 }
    let bootstrap = RowDraws(.bootstrap, of: present, total: 2 * count, seed: 9, needed: 1)
    var times = [Int](repeating: 0, count: 2 * count)
    for number in 0..<400 {
      let draws = bootstrap.draw(number)
      #expect(draws == bootstrap.draw(number) && draws.count == 1)
      let counts = draws[0].counts
      #expect(counts.reduce(0, +) == count)
      #expect(draws[0].heldOut == present.filter { counts[$0] == 0 } && !draws[0].heldOut.isEmpty)
      for i in counts.indices { times[i] += counts[i] }
    }
    for i in times.indices {
      // A mean of 400 and a variance below that: 5.5 standard deviations.
      #expect(i % 2 == 1 ? times[i] == 0 : abs(times[i] - 400) < 110, "row \(i): \(times[i])")
    }
    let pairs = RowDraws(.subsample, of: present, total: 2 * count, seed: 9, needed: 1)
    for number in 0..<20 {
      let draws = pairs.draw(number)
      #expect(draws.count == 2 && draws[0].heldOut.count == count / 2)
      for (own, other) in [(0, 1), (1, 0)] {
        let counts = draws[own].counts
        #expect(counts.allSatisfy { $0 <= 1 } && counts.reduce(0, +) == count / 2)
        #expect(draws[other].heldOut == counts.indices.filter { counts[$0] == 1 })
      }
      #expect(zip(draws[0].counts, draws[1].counts).allSatisfy { $0 + $1 <= 1 })
    }
  }

  @Test func frequenciesAreCounted() throws {
    for resampling in [bootstrap(7), Resampling(.subsample, draws: 4, seed: 3)] {
      let found = try run(resampling)
      for (place, k) in found.sparsities.enumerated() {
        let supports = found.draws.flatMap { $0 }.map { $0.supports[place] }
        let frequencies = found.frequencies(at: k, of: [13])
        #expect(
          frequencies.reduce(0) { $0 + $1.count } == supports.reduce(0) { $0 + $1.count })
        #expect(frequencies.contains { $0.column == 13 })
        for frequency in frequencies {
          let count = supports.count { $0.contains(frequency.column) }
          #expect(frequency.count == count)
          #expect(frequency.frequency == Double(count) / Double(supports.count))
          #expect(
            frequency.interval
              == SelectionFrequency.wilson(
                frequency.frequency, draws: found.draws.count))
        }
        for (a, b) in zip(frequencies, frequencies.dropFirst()) {
          #expect(a.count > b.count || a.count == b.count && a.column < b.column)
        }
        let errors = found.draws.flatMap { $0 }.map { $0.errors[place] }
        let mean = errors.reduce(0, +) / Double(errors.count)
        let variance =
          errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(errors.count - 1)
        let error = try #require(found.heldOutError(at: k))
        #expect(abs(error.mean - mean) <= 1e-14 * mean)
        #expect(abs((error.standardDeviation ?? 0) - variance.squareRoot()) <= 1e-12 * mean)
      }
    }
    #expect(try run(bootstrap(1)).heldOutError(at: 1)?.standardDeviation == nil)
  }

  /// As `binom.confint(x, n, methods = "wilson")` of R has them.
  @Test(arguments: [
    (8, 10, 0.4901625, 0.9433178), (0, 10, 0, 0.2775328), (10, 10, 0.7224672, 1),
    (1, 2, 0.0945312, 0.9054688),
  ])
  func intervalsOfWilson(count: Int, draws: Int, low: Double, high: Double) {
    let interval = SelectionFrequency.wilson(Double(count) / Double(draws), draws: draws)
    #expect(abs(interval.lowerBound - low) < 1e-7 && abs(interval.upperBound - high) < 1e-7)
  }

  /// Any number of threads gives the same bits, and more draws begin with the same ones.
  @Test(arguments: Resampling.Scheme.allCases)
  func drawsDependOnTheSeedAlone(scheme: Resampling.Scheme) throws {
    var resampling = Resampling(scheme, draws: 3, seed: 5)
    let few = try run(resampling)
    resampling.draws = 5
    let many = try run(resampling, threads: 3)
    #expect(Array(many.draws.prefix(3)) == few.draws)
    resampling.seed = 6
    #expect(try run(resampling).draws != many.draws)
  }

  /// Stopped anywhere, what is complete is there, and going on gives the whole.
  @Test(arguments: Resampling.Scheme.allCases, [1, 7, 12, 26, 40])
  func goesOnWhereItWasStopped(scheme: Resampling.Scheme, after reports: Int) throws {
    var resampling = bootstrap(4)
    resampling.scheme = scheme
    let whole = try run(resampling)
    var kept: CompositeCheckpoint?
    let keeper = CheckpointKeeper<CompositeCheckpoint> {
      true
    } keep: {
      kept = $0
    }
    var seen = 0
    let part = try run(resampling, keeper: keeper) { _ in
      seen += 1
      return seen >= reports ? .stop : .proceed
    }
    #expect(part.stopReason == .interrupted && part.wanted == 4)
    #expect(part.draws == Array(whole.draws.prefix(part.draws.count)) && part.draws.count < 4)
    // Before the first member has something to keep, nothing is.
    let read = try kept.map { checkpoint in
      try checkpoint.words.map(\.littleEndian).withUnsafeBytes {
        try CompositeCheckpoint(bytes: $0)
      }
    }
    let rest = try run(resampling, resuming: read)
    #expect(rest.draws == whole.draws && rest.stopReason == .converged)
    resampling.draws = 6
    #expect(try Array(run(resampling, resuming: read).draws.prefix(4)) == whole.draws)
    guard read != nil else { return }
    resampling.seed = 1
    #expect(throws: RecoveryError.self) { try run(resampling, resuming: read) }
  }

  @Test func theTimeIsThatOfAllDraws() throws {
    var resampling = bootstrap(1_000_000)
    resampling.path.limits.time = .milliseconds(300)
    let found = try run(resampling)
    #expect(found.stopReason == .time && found.draws.count < 1_000_000)
    resampling.path.limits.time = .zero
    let none = try run(resampling)
    #expect(none.draws.isEmpty && none.stopReason == .time)
    #expect(none.frequencies(at: 2, of: [3]).isEmpty && none.heldOutError(at: 2) == nil)
  }

  /// On the triangle of its rows a draw has the same columns.
  @Test func reductionChangesNothing() throws {
    var resampling = bootstrap(4)
    resampling.path = SparsityPath(solver: OLS())
    resampling.reduction = .on
    let model = model(true, 1)
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 200, columns: 8), sparsity: 3, snr: 8, seed: 2))
    func found(_ reduction: TableReduction) throws -> ResampledPaths {
      resampling.reduction = reduction
      var model = model
      model.weights = nil
      return try resampling.run(
        DenseMatrix.double(synthetic.matrix), observation: synthetic.observation, model: model,
        sparsities: 1...4, on: CPUBackend(threads: 1))
    }
    let (plain, reduced) = (try found(.off), try found(.on))
    for (a, b) in zip(plain.draws.joined(), reduced.draws.joined()) {
      #expect(a.supports == b.supports)
      for (x, y) in zip(a.errors, b.errors) { #expect(abs(x - y) <= 1e-9 * x) }
    }
  }

  @Test func requestsThatCannotBe() throws {
    #expect(
      throws: RecoveryError.invalidOption(
        name: "bootstrap", value: "0", expected: "at least 1 draw")
    ) { try run(bootstrap(0)) }
    var model = RecoveryModel()
    model.weights = (0..<Self.rows).map { $0 < 9 ? 1 : 0 }
    model.hasIntercept = true
    #expect(
      throws: RecoveryError.invalidOption(
        name: "subsample", value: "9 rows that take part",
        expected: "at least 10, twice what the largest sparsity needs")
    ) { try run(Resampling(.subsample, draws: 1), model) }
  }
}
