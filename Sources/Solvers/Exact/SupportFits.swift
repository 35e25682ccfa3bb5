import LeastSquares
public import SparseCore

/// All supports of k atoms in lexicographic order, each of which is fitted: for losses of which nothing is known but their
/// values.
public struct SupportFits: IterationState {
  /// The best of some fits, and how many there were.
  struct Report {
    let best: Iterate
    let tried: Int
  }

  private let columns: [Int]
  /// The places of the next support among the columns that may be selected; nil behind the last.
  private var next: [Int]?
  /// Whether every fit until now had a minimum: the loss of others is not known.
  private(set) var areAttained = true
  /// What all fits until now took, by the model of ``FitWork``.
  private(set) var work = 0.0

  init(_ problem: RecoveryProblem, atomCount: Int) {
    columns = problem.atoms.usable
    next = Array(0..<atomCount)
  }

  /// So many are fitted between two reports: some milliseconds.
  private static var fitsInReport: Int { 64 }

  /// Whether none is left.
  var isComplete: Bool { next == nil }

  /// Fits some supports; nil when none is left.
  mutating func report(_ workspace: Workspace) throws(RecoveryError) -> Report? {
    let model = FitWork(workspace.problem)
    var best: Iterate?
    var tried = 0
    while let places = next, tried < Self.fitsInReport {
      let support = places.map { columns[$0] }
      let fit = try workspace.minimizer.minimize(onto: support)
      areAttained = areAttained && fit.isAttained
      work += model.fit(fit, of: support.count)
      let x = Iterate(support: support, projection: fit.projection)
      if best.map({ x.residualNorm < $0.residualNorm }) ?? true { best = x }
      tried += 1
      next = successor(of: places)
    }
    return best.map { Report(best: $0, tried: tried) }
  }

  private func successor(of places: [Int]) -> [Int]? {
    let k = places.count
    guard let last = places.indices.last(where: { places[$0] < columns.count - k + $0 }) else {
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
    self.init(reader.workspace.problem, atomCount: reader.atomCount)
    areAttained = try reader.flag()
    work = try reader.double()
    try reader.require(work >= 0)
    let places = 0...max(columns.count - 1, 0)
    next = try reader.optional { (reader) throws(RecoveryError) in try reader.ints(in: places) }
    let k = reader.atomCount
    try reader.require(next.map { $0.count == k && $0 == Set($0).sorted() } ?? true)
  }
}
