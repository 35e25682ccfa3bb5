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
