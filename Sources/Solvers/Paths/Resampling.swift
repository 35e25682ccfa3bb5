public import SparseCore

/// A path solved on many random parts of the rows: how often is a column chosen, and how well does what was chosen
/// predict the rows left out?
///
/// A draw is weights of rows: A is never copied. The random numbers of draw b depend on the seed and b alone, so that
/// more draws go on where fewer ended, and that any number of threads gives the same.
public struct Resampling: Sendable {
  /// How rows are drawn.
  public enum Scheme: String, Sendable, CaseIterable {
    /// As many rows as there are, with replacement: a row drawn c times counts c times its weight. The rows that were
    /// not drawn judge. Efron 1979; out of bag, Breiman 1996.
    case bootstrap
    /// Complementary pairs: two halves of ⌊m / 2⌋ rows without a row in common, each judged by the other. Shah and
    /// Samworth 2013.
    case subsample
  }

  /// How the path of each draw is solved; its target is ignored, and its time limit is that of all draws.
  public var path: SparsityPath
  /// How rows are drawn.
  public var scheme: Scheme
  /// B: the draws of a bootstrap, or the pairs.
  public var draws: Int
  /// The name of the random numbers.
  public var seed: UInt64
  /// The most bytes of Gram columns to keep on the engine, or nil for a quarter of what is available.
  public var gramMemory: Int?
  /// When gradients come from Gram columns.
  public var gramUse = GramUse.whenCached
  /// When a draw is solved on the triangle of its rows.
  public var reduction = TableReduction.auto
  /// Which of the draws are solved here.
  public var share = PathShare.whole

  /// B draws.
  public init(
    _ scheme: Scheme, draws: Int, path: SparsityPath = SparsityPath(), seed: UInt64 = 1
  ) {
    self.scheme = scheme
    self.draws = draws
    self.path = path
    self.seed = seed
  }

  /// Solves B paths, or 2B for pairs, one after another. Atoms are loaded for each, since their norms differ.
  ///
  /// - Parameters:
  ///   - checkpoint: where to go on, or nil to begin; it may be one of fewer draws.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support; its answer may end the draws.
  /// - Returns: what the draws found that were complete when the observer or the time limit ended them.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a number of draws below one, or where half of
  ///   the rows are too few for the largest sparsity; what ``RecoveryProblem`` throws, and what
  ///   ``SparsityPath/solve(_:sparsities:on:precision:observer:)`` throws.
  public func run(
    _ operator: any LinearOperator, observation: [Double], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), loss: any Loss = SquaredLoss(),
    sparsities: ClosedRange<Int>, on backend: any Backend,
    precision: Precision = .double, resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> ResampledPaths {
    let whole = try RecoveryProblem(
      `operator`, observation: observation, normalize: normalize, model: model, loss: loss)
    return try run(
      whole, nil, sparsities, on: backend, precision, resuming: checkpoint, keeper, observer)
  }

  /// The same for several observations with one support: a path is that of
  /// ``SparsityPath/solve(_:jointly:sparsities:resuming:keeper:observer:)``, and an error the sum of those of the
  /// observations.
  ///
  /// - Parameter observations: at least one.
  /// - Throws: what the run for one observation and that path throw.
  public func run(
    _ operator: any LinearOperator, jointly observations: [[Double]], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), loss: any Loss = SquaredLoss(),
    sparsities: ClosedRange<Int>, on backend: any Backend, precision: Precision = .double,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> ResampledPaths {
    let whole = try RecoveryProblem(
      `operator`, observation: observations.first ?? [], normalize: normalize, model: model,
      loss: loss)
    return try run(
      whole, observations, sparsities, on: backend, precision, resuming: checkpoint, keeper,
      observer)
  }

  private func run(
    _ whole: RecoveryProblem, _ joint: [[Double]]?, _ sparsities: ClosedRange<Int>,
    on backend: any Backend, _ precision: Precision, resuming checkpoint: CompositeCheckpoint?,
    _ keeper: CheckpointKeeper<CompositeCheckpoint>?, _ observer: @escaping SolveObserver
  ) throws(RecoveryError) -> ResampledPaths {
    let model = whole.model
    let weights = model.weights ?? Array(repeating: 1, count: whole.rows)
    let rows = RowDraws(
      scheme, of: whole.givenPresentRows, total: whole.givenRows, seed: seed,
      needed: sparsities.upperBound + (model.fitsIntercept ? 1 : 0))
    guard draws >= 1 else {
      throw .invalidOption(name: scheme.rawValue, value: "\(draws)", expected: "at least 1 draw")
    }
    try rows.validate()
    var record: CompositeRecord?
    if checkpoint != nil || keeper != nil {
      // Not the number of draws: more of them go on from fewer.
      let own = [ProblemFact("draws", scheme.rawValue), ProblemFact("seed", "\(seed)")]
      record = try CompositeRecord(
        "resampling",
        path.facts(
          try joint.map { (y) throws(RecoveryError) in try whole.observing(jointly: y) } ?? whole,
          sparsities)
          + own
          + share.facts(pathsInMember: scheme.partsInDraw), keeper: keeper, resuming: checkpoint)
    }
    let begin = ContinuousClock.now - (record?.elapsed ?? .zero)
    let watch = PathWatch(observer, time: path.limits.time, before: record?.elapsed ?? .zero)
    var path = path
    path.targetResidual = nil
    path.limits.time = nil
    let part = PathOnRows(
      whole: whole, joint: joint, path: path, sparsities: sparsities, backend: backend,
      precision: precision,
      gramMemory: gramMemory, gramUse: gramUse)
    var found: [[ResampledPaths.Part]] = []
    for number in 0..<draws where share.contains(number) {
      var parts: [ResampledPaths.Part] = []
      for draw in rows.draw(number) {
        record?.elapsed = ContinuousClock.now - begin
        let known = try record?.next { (r) throws(CheckpointError) in
          try ResampledPaths.Part(from: &r)
        }
        if let known, let record {
          guard known.isPossible(sparsities.count, columns: whole.givenColumns) else {
            throw record.contradiction
          }
          parts.append(known)
          continue
        }
        guard watch.stop == nil,
          let outcome = try part.solve(
            weights: weights.indices.map { i in
              weights[i] * Double(draw.counts[i / whole.partsOfNumber])
            }, heldOut: whole.parts(of: draw.heldOut),
            countedBy: weights, reduction, record, watch.observe)
        else { break }
        let new = ResampledPaths.Part(
          supports: outcome.supports.map(whole.givenColumns(_:)), errors: outcome.errors)
        record?.add { new.write(to: &$0) }
        parts.append(new)
      }
      guard parts.count == scheme.partsInDraw else { break }
      found.append(parts)
    }
    return ResampledPaths(
      scheme: scheme, seed: seed, rows: whole.givenPresentRows.count, wanted: draws,
      sparsities: Array(sparsities), found, exponent: part.unit.exponent,
      stopReason: found.count == (0..<draws).count(where: share.contains)
        ? .converged : watch.stop ?? .interrupted,
      checkpoint: record?.checkpoint)
  }
}

extension Resampling.Scheme {
  /// How many paths a draw solves.
  public var partsInDraw: Int { self == .bootstrap ? 1 : 2 }
}

/// What the paths of a resampling have in common.
public struct ResampledPaths: Sendable {
  /// What one path led to.
  public struct Part: Sendable, Equatable {
    /// The columns chosen, for every sparsity.
    public let supports: [[Int]]
    /// The mean squared error on the rows held out, or of twice another loss, for every sparsity. Infinite or zero where
    /// the square of a residual is beyond the range of a double, which is no harm to a comparison.
    public let errors: [Double]
  }

  /// How rows were drawn.
  public let scheme: Resampling.Scheme
  /// The name of the random numbers.
  public let seed: UInt64
  /// How many rows take part.
  public let rows: Int
  /// B, the draws that were asked for.
  public let wanted: Int
  /// The sparsities solved, in ascending order.
  public let sparsities: [Int]
  /// The draws that were complete: of one part, or of the two halves of a pair.
  public let draws: [[Part]]
  /// Why there are no more draws: `converged` where all that were asked for are there, `time` or `interrupted`.
  public let stopReason: StopReason
  /// The draws as they stand, where checkpoints were asked for: going on from it gives them again.
  public let checkpoint: CompositeCheckpoint?
  /// The errors of all parts in units of 4^``exponent``.
  private let errors: [[Double]]
  private let exponent: Int

  /// - Parameters:
  ///   - draws: with errors in units of 4^`exponent`.
  fileprivate init(
    scheme: Resampling.Scheme, seed: UInt64, rows: Int, wanted: Int, sparsities: [Int],
    _ draws: [[Part]], exponent: Int, stopReason: StopReason, checkpoint: CompositeCheckpoint?
  ) {
    self.scheme = scheme
    self.seed = seed
    self.rows = rows
    self.wanted = wanted
    self.sparsities = sparsities
    self.draws = draws.map { parts in
      parts.map { part in
        Part(supports: part.supports, errors: part.errors.map { $0.scaled(by: 2 * exponent) })
      }
    }
    self.stopReason = stopReason
    self.checkpoint = checkpoint
    errors = draws.joined().map(\.errors)
    self.exponent = exponent
  }

  /// How often each column was chosen at a sparsity: the most frequent first, of equal ones the first column. None
  /// where no draw is complete.
  ///
  /// - Parameter columns: those to tell of although they were never chosen.
  /// - Precondition: the sparsity was solved.
  public func frequencies(at sparsity: Int, of columns: [Int] = []) -> [SelectionFrequency] {
    guard !draws.isEmpty else { return [] }
    let place = place(of: sparsity)
    var counts = Dictionary(columns.map { ($0, 0) }) { first, _ in first }
    for part in draws.joined() {
      for j in part.supports[place] { counts[j, default: 0] += 1 }
    }
    let parts = draws.count * scheme.partsInDraw
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { column, count in
      SelectionFrequency(column: column, count: count, of: parts, draws: draws.count)
    }
  }

  /// The mean of the errors held out at a sparsity, and their standard deviation: nil for one path alone.
  ///
  /// The parts share rows, so that the deviation divided by √B is no standard error of the mean.
  ///
  /// - Returns: nil where no draw is complete.
  /// - Precondition: the sparsity was solved.
  public func heldOutError(at sparsity: Int) -> (mean: Double, standardDeviation: Double?)? {
    let errors = errors(at: place(of: sparsity))
    guard !errors.isEmpty else { return nil }
    let mean = mean(errors)
    let squares = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(errors.count - 1)).squareRoot().scaled(by: 2 * exponent)
    return (mean.scaled(by: 2 * exponent), errors.count > 1 ? deviation : nil)
  }

  /// The sparsity with the smallest mean error held out, the first of those that tie; nil where no draw is complete.
  public var sparsityOfLeastError: Int? {
    guard !errors.isEmpty else { return nil }
    let means = sparsities.indices.map { mean(errors(at: $0)) }
    return means.indices.min { means[$0] < means[$1] }.map { sparsities[$0] }
  }

  private func errors(at place: Int) -> [Double] { errors.map { $0[place] } }

  private func mean(_ errors: [Double]) -> Double { errors.reduce(0, +) / Double(errors.count) }

  private func place(of sparsity: Int) -> Int {
    guard let place = sparsities.firstIndex(of: sparsity) else {
      preconditionFailure("sparsity \(sparsity) was not solved")
    }
    return place
  }
}

/// How often a column was chosen.
public struct SelectionFrequency: Sendable, Equatable {
  /// The column of A.
  public let column: Int
  /// In how many paths it was chosen.
  public let count: Int
  /// The share of the paths.
  public let frequency: Double
  /// Where the share of infinitely many draws lies with a confidence of 95 %: the interval of Wilson 1927 for the
  /// number of draws. The two halves of a pair count as one, which no dependence between them can make too narrow.
  /// It says how far B reaches, and nothing of other data.
  public let interval: ClosedRange<Double>

  init(column: Int, count: Int, of parts: Int, draws: Int) {
    self.column = column
    self.count = count
    frequency = Double(count) / Double(parts)
    interval = Self.wilson(frequency, draws: draws)
  }

  /// The quantile of the standard normal distribution at 0.975.
  private static var quantile: Double { 1.959963984540054 }

  /// (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n).
  static func wilson(_ p: Double, draws: Int) -> ClosedRange<Double> {
    let (n, z) = (Double(draws), quantile)
    let centre = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    // No rounding at the ends, where one of the bounds is that of all shares.
    return
      (p == 0 ? 0 : max((centre - half) / scale, 0))...(p == 1
      ? 1 : min((centre + half) / scale, 1))
  }
}

extension ResampledPaths.Part {
  func write(to writer: inout WordWriter) {
    writer.write(supports) { $0.write($1) }
    writer.write(errors)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    supports = try reader.array { (r) throws(CheckpointError) in try r.ints() }
    errors = try reader.doubles()
  }

  /// Whether a file may say so.
  func isPossible(_ sparsities: Int, columns: Int) -> Bool {
    supports.count == sparsities && errors.count == sparsities && errors.allSatisfy { $0 >= 0 }
      && supports.allSatisfy { support in
        support.allSatisfy((0..<columns).contains)
          && zip(support, support.dropFirst()).allSatisfy(<)
      }
  }
}

/// Which rows the draws of a resampling take.
struct RowDraws {
  private let scheme: Resampling.Scheme
  /// The rows that take part.
  private let rows: [Int]
  private let total: Int
  private let seed: UInt64
  private let needed: Int

  /// The rows of one path.
  struct Draw: Equatable {
    /// How often each row counts.
    let counts: [Int]
    /// The rows that take part and do not count, in ascending order.
    let heldOut: [Int]
  }

  /// - Parameters:
  ///   - rows: those that take part, of `total`.
  ///   - needed: how many different rows every path needs.
  init(_ scheme: Resampling.Scheme, of rows: [Int], total: Int, seed: UInt64, needed: Int) {
    self.scheme = scheme
    self.rows = rows
    self.total = total
    self.seed = seed
    self.needed = max(needed, 1)
  }

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``.
  func validate() throws(RecoveryError) {
    guard rows.count / 2 >= needed else {
      throw .invalidOption(
        name: scheme.rawValue, value: "\(rows.count) rows that take part",
        expected: "at least \(2 * needed), twice what the largest sparsity needs")
    }
  }

  /// The rows of the paths of one draw.
  func draw(_ number: Int) -> [Draw] {
    var generator = SeededGenerator(seed: SeededGenerator.derivedSeed(seed, number))
    switch scheme {
    case .bootstrap:
      while true {
        var counts = [Int](repeating: 0, count: total)
        for _ in rows { counts[rows[generator.int(below: rows.count)]] += 1 }
        let heldOut = rows.filter { counts[$0] == 0 }
        // Of a few rows a draw may have all of them, or too few: there is another one then.
        if !heldOut.isEmpty, rows.count - heldOut.count >= needed {
          return [Draw(counts: counts, heldOut: heldOut)]
        }
      }
    case .subsample:
      let order = generator.shuffled(rows)
      let half = rows.count / 2
      let halves = [order[..<half], order[half..<2 * half]].map { $0.sorted() }
      return [(halves[0], halves[1]), (halves[1], halves[0])].map { own, other in
        var counts = [Int](repeating: 0, count: total)
        for i in own { counts[i] = 1 }
        return Draw(counts: counts, heldOut: other)
      }
    }
  }
}
