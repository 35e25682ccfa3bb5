import ReferenceBackend
import Solvers
import SparseCore

/// A solve of a small problem, which goes on from checkpoints.
struct SmallSolve<S: ResumableSolver>: Sendable {
  let columns: Int
  let sparsity: Int
  /// The words of a checkpoint up to where the state begins.
  let beginning: Result<[UInt64], any Error>
  private let solver: S

  /// Of a problem with six rows.
  fileprivate static func of(_ solver: S, columns: Int, sparsity: Int) -> SmallSolve {
    let bare = SmallSolve(
      columns: columns, sparsity: sparsity, beginning: .success([]), solver: solver)
    let beginning = Result {
      let words = try bare.checkpoint(after: 1).words
      return Array(words[..<stateStart(words)])
    }
    return SmallSolve(columns: columns, sparsity: sparsity, beginning: beginning, solver: solver)
  }

  /// Solves for so many supports.
  func callAsFunction(from checkpoint: S.Checkpoint, supports: Int) throws -> SparseSolution {
    try solve(from: checkpoint, supports: supports, keeper: nil)
  }

  /// The words of the state after at least so many supports.
  func state(after supports: Int) throws -> [UInt64] {
    let words = try checkpoint(after: supports).words
    return Array(words[Self.stateStart(words)...])
  }

  private func solve(
    from checkpoint: S.Checkpoint?, supports: Int, keeper: CheckpointKeeper<S.Checkpoint>?,
    _ see: () -> Void = {}
  ) throws -> SparseSolution {
    let problem = try RecoveryProblem(
      matrix: .double(
        Matrix(
          rows: 6, columns: columns,
          columnMajor: (0..<6 * columns).map { (i: Int) -> Double in
            Double(i * i % 23 - i % 7) - 8
          })),
      observation: [3, -1, 4, 1, -5, 9])
    var seen = 0
    func solve(on engine: any Engine) throws(RecoveryError) -> SparseSolution {
      try solver.solve(
        Workspace(problem, on: engine), sparsity: sparsity, resuming: checkpoint,
        keeper: keeper
      ) { _ in
        seen += 1
        see()
        return seen < supports ? .proceed : .stop
      }
    }
    return try solve(on: ReferenceBackend().load(problem.atoms, precision: .double))
  }

  private func checkpoint(after supports: Int) throws -> S.Checkpoint {
    var (seen, kept): (Int, S.Checkpoint?) = (0, nil)
    let keeper = CheckpointKeeper<S.Checkpoint>(isDue: { true }) {
      if kept == nil || seen <= supports { kept = $0 }
    }
    _ = try solve(from: nil, supports: supports + 300, keeper: keeper) { seen += 1 }
    guard let kept else { throw BrokenSmallSolve() }
    return kept
  }

  /// Behind four words of the format and those of the facts.
  private static func stateStart(_ words: [UInt64]) -> Int {
    var place = 5
    for _ in 0..<2 * words[4] { place += 1 + Int(words[place]) }
    return place
  }
}

/// No checkpoint was made.
private struct BrokenSmallSolve: Error {}

/// The solves that checkpoints are tried on.
enum SmallSolves {
  /// Blocked and direct from zero, then both from elsewhere.
  static let explorations = (0..<4).map { number in
    let point = (0..<10).map { Double($0 % 4) - 1.5 }
    var sea = SEA(
      start: number < 2 ? .zero : .vector(point), gradient: number % 2 == 0 ? .blocked : .direct)
    sea.limits.iterations = .max
    return SmallSolve.of(sea, columns: 10, sparsity: 2)
  }

  /// With more supports than would be tried one by one.
  static let portfolio: SmallSolve<Portfolio> = {
    var limits = Limits()
    limits.iterations = 40
    return SmallSolve.of(Portfolio(limits: limits), columns: 90, sparsity: 3)
  }()
}
