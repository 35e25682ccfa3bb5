import LeastSquares
public import SparseCore

/// All supports of k atoms, or groups of atoms, in lexicographic order, each of which is fitted: for losses of which nothing
/// is known but their values.
public struct SupportFits: IterationState {
  /// The best of some fits, and how many there were.
  struct Report {
    let best: Iterate
    let tried: Int
  }

  /// The atoms of every group, or every atom by itself.
  private let groups: [[Int]]
  /// The places of the next support among these groups; nil behind the last.
  private var next: [Int]?
  /// Whether every fit until now had a minimum: the loss of others is not known.
  private(set) var areAttained = true
  /// What all fits until now took, by the model of ``FitWork``.
  private(set) var work = 0.0

  init(_ problem: RecoveryProblem, count: Int) {
    groups = problem.atoms.groups?.members ?? problem.atoms.usable.map { [$0] }
    next = Array(0..<count)
  }

  /// So many are fitted between two reports: some milliseconds of a processor.
  private static var fitsInReport: Int { 64 }
  /// So many by one thread, one after another: each has all atoms but one or two of the one before.
  private static var fitsInPart: Int { 4 }

  /// Whether none is left.
  var isComplete: Bool { next == nil }

  /// Fits some supports, side by side; nil when none is left. Any number of threads gives the same.
  mutating func report(_ workspace: Workspace) throws(RecoveryError) -> Report? {
    let supports = takeNext(Self.fitsInReport)
    let parts = stride(from: 0, to: supports.count, by: Self.fitsInPart).map {
      Array(supports[$0..<min($0 + Self.fitsInPart, supports.count)])
    }
    let problem = workspace.problem
    let fitted = try concurrently(parts, threads: workspace.engine.threads) {
      (part) throws(RecoveryError) in try FittedPart(part, of: problem)
    }
    areAttained = areAttained && fitted.allSatisfy(\.areAttained)
    work += fitted.reduce(0) { $0 + $1.work }
    let bests = fitted.compactMap(\.best)
    return bests.min { $0.residualNorm < $1.residualNorm }.map {
      Report(best: $0, tried: supports.count)
    }
  }

  /// What some supports come to.
  private struct FittedPart: Sendable {
    /// The first of the best.
    private(set) var best: Iterate?
    private(set) var areAttained = true
    private(set) var work = 0.0

    init(_ supports: [[Int]], of problem: RecoveryProblem) throws(RecoveryError) {
      let model = FitWork(problem)
      guard !problem.hasSquaredLoss else {
        var projector = Projector(problem, capacity: supports.map(\.count).max() ?? 1)
        for support in supports {
          work += model.projection(onto: support.count)
          note(support, try projector.projectAllowed(onto: support))
        }
        return
      }
      var minimizer = LossMinimizer(problem)
      for support in supports {
        let fit = try minimizer.minimize(onto: support)
        areAttained = areAttained && fit.isAttained
        work += model.fit(fit, of: support.count)
        note(support, fit.projection)
      }
    }

    private mutating func note(_ support: [Int], _ projection: Projection) {
      let x = Iterate(support: support, projection: projection)
      if best.map({ x.residualNorm < $0.residualNorm }) ?? true { best = x }
    }
  }

  /// The next supports in their order, at most `count`.
  private mutating func takeNext(_ count: Int) -> [[Int]] {
    var supports: [[Int]] = []
    while let places = next, supports.count < count {
      supports.append(places.flatMap { groups[$0] }.sorted())
      next = successor(of: places)
    }
    return supports
  }

  private func successor(of places: [Int]) -> [Int]? {
    let k = places.count
    guard let last = places.indices.last(where: { places[$0] < groups.count - k + $0 }) else {
      return nil
    }
    let first = places[last] + 1
    return places.prefix(last) + (0..<k - last).map { first + $0 }
  }

  // MARK: As a checkpoint keeps it

  /// Writes the place in the order and what it took to get there.
  public func write(to writer: inout StateWriter) {
    writer.write(areAttained)
    writer.write(work)
    writer.write(ifAny: next) { $0.write($1) }
  }

  /// Reads it.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    self.init(reader.workspace.problem, count: reader.groupCount)
    areAttained = try reader.flag()
    work = try reader.double()
    try reader.require(work >= 0)
    let places = 0...max(groups.count - 1, 0)
    next = try reader.optional { (reader) throws(RecoveryError) in try reader.ints(in: places) }
    let k = reader.groupCount
    try reader.require(next.map { $0.count == k && $0 == Set($0).sorted() } ?? true)
  }
}
