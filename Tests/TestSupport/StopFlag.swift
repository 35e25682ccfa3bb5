package import SparseCore
import Synchronization

/// Stops a solve when another thread says so, and knows whether the solve has been told.
package final class StopFlag: Sendable {
  private let isRaised = Atomic(false)
  private let told = Atomic(0)

  package init() {}

  /// How often an observer has answered that the solve is to stop.
  package var timesTold: Int { told.load(ordering: .relaxed) }

  /// Says so, from any thread.
  package func raise() { isRaised.store(true, ordering: .relaxed) }

  /// What an observer answers.
  package func answer() -> SolveControl {
    guard isRaised.load(ordering: .relaxed) else { return .proceed }
    told.add(1, ordering: .relaxed)
    return .stop
  }
}

/// Says yes from some question on, whoever asks.
package final class Questions: Sendable {
  private let asked = Atomic(0)
  private let most: Int

  /// - Parameter most: how many questions are answered with no.
  package init(until most: Int) { self.most = most }

  /// How many were asked.
  package var count: Int { asked.load(ordering: .relaxed) }

  /// An answer.
  package func answer() -> Bool { asked.add(1, ordering: .relaxed).oldValue >= most }
}
