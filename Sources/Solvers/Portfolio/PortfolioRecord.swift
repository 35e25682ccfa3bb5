import SparseCore

/// What a portfolio remembers for checkpoints, and what it was when it was cut off.
struct PortfolioRecord {
  private let facts: [ProblemFact]
  private let keeper: CheckpointKeeper<Portfolio.Checkpoint>?
  /// What had ended before the break and has not been asked for yet.
  private var ended: ArraySlice<FinishedAttempt>
  /// Where a solver stood at the break.
  private var underWay: Portfolio.UnderWay?
  private var finished: [FinishedAttempt]
  /// The time from the beginning to that of the attempt under way.
  var elapsed: Duration

  init(
    _ facts: [ProblemFact], keeper: CheckpointKeeper<Portfolio.Checkpoint>?,
    resuming checkpoint: Portfolio.Checkpoint?
  ) {
    self.facts = facts
    self.keeper = keeper
    finished = checkpoint?.finished ?? []
    ended = finished[...]
    underWay = checkpoint?.underWay
    elapsed = checkpoint?.elapsed ?? .zero
  }

  /// The passes over A of all attempts that have ended.
  var matrixPasses: Int { finished.reduce(0) { $0 + ($1.outcome?.matrixPasses ?? 0) } }

  /// The next attempt that had ended before the break.
  mutating func nextEnded() -> FinishedAttempt? { ended.popFirst() }

  /// Where the attempt that was under way goes on, if it can.
  mutating func takeUnderWay() -> Portfolio.UnderWay? {
    defer { underWay = nil }
    return underWay
  }

  /// Notes the end of an attempt.
  mutating func add(_ attempt: FinishedAttempt) {
    finished.append(attempt)
    if keeper?.isDue() == true { keep() }
  }

  /// Hands out a checkpoint between two attempts; there is none before the first has ended.
  func keep() {
    guard !finished.isEmpty else { return }
    keeper?.keep(checkpoint(nil))
  }

  /// What an attempt hands its checkpoints to.
  func keeper<Checkpoint: Sendable>(
    _ wrap: @escaping (Checkpoint) -> Portfolio.UnderWay
  ) -> CheckpointKeeper<Checkpoint>? {
    keeper.map { keeper in
      CheckpointKeeper(isDue: keeper.isDue) { keeper.keep(checkpoint(wrap($0))) }
    }
  }

  private func checkpoint(_ underWay: Portfolio.UnderWay?) -> Portfolio.Checkpoint {
    Portfolio.Checkpoint(
      facts: facts, finished: finished, elapsed: elapsed, underWay: underWay)
  }
}
