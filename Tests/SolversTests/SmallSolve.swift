import ReferenceBackend
import Solvers
import SparseCore

/// A solve of a problem of 6 × 10 by one kind of exploration, from zero or not.
struct SmallSolve: Sendable {
  static let sparsity = 2
  static let columns = 10

  /// Blocked and direct from zero, then both from elsewhere.
  static let all = (0..<4).map { SmallSolve($0) }

  /// The words of a checkpoint up to where the state begins.
  let beginning: Result<[UInt64], any Error>
  private let sea: SEA

  private init(_ number: Int) {
    let point = (0..<Self.columns).map { Double($0 % 4) - 1.5 }
    var sea = SEA(
      start: number < 2 ? .zero : .vector(point), gradient: number % 2 == 0 ? .blocked : .direct)
    sea.limits.iterations = .max
    self.sea = sea
    beginning = Result {
      let words = try Self.checkpoint(of: sea, after: 1)
      return Array(words[..<Self.stateStart(words)])
    }
  }

  /// Solves for so many supports.
  func callAsFunction(from checkpoint: SEA.Checkpoint, supports: Int) throws -> SparseSolution {
    try Self.solve(sea, from: checkpoint, supports: supports, keeper: nil)
  }

  /// The words of the state after at least so many supports.
  func state(after supports: Int) throws -> [UInt64] {
    let words = try Self.checkpoint(of: sea, after: supports)
    return Array(words[Self.stateStart(words)...])
  }

  private static let problem = Result {
    try RecoveryProblem(
      matrix: .double(
        Matrix(
          rows: 6, columns: columns,
          columnMajor: (0..<6 * columns).map { Double($0 * $0 % 23) - 11 })),
      observation: [3, -1, 4, 1, -5, 9])
  }

  private static func solve(
    _ sea: SEA, from checkpoint: SEA.Checkpoint?, supports: Int, keeper: SEA.CheckpointKeeper?
  ) throws -> SparseSolution {
    let problem = try problem.get()
    var seen = 0
    func solve(on engine: some Engine) throws(RecoveryError) -> SparseSolution {
      try sea.solve(
        LoadedProblem(problem, on: engine), sparsity: sparsity, resuming: checkpoint,
        keeper: keeper
      ) { _ in
        seen += 1
        return seen < supports ? .proceed : .stop
      }
    }
    return try solve(on: ReferenceBackend().load(problem.atoms, precision: .double))
  }

  private static func checkpoint(of sea: SEA, after supports: Int) throws -> [UInt64] {
    var kept: SEA.Checkpoint?
    let keeper = SEA.CheckpointKeeper {
      true
    } keep: {
      if (kept?.iterations ?? 0) < supports { kept = $0 }
    }
    _ = try solve(sea, from: nil, supports: supports + 300, keeper: keeper)
    return kept?.words ?? []
  }

  /// Behind four words of the format and those of the facts.
  private static func stateStart(_ words: [UInt64]) -> Int {
    var place = 5
    for _ in 0..<2 * words[4] { place += 1 + Int(words[place]) }
    return place
  }
}
