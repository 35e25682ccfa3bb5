import Experiments
import Synchronization

/// Shows how far an experiment has come, on a terminal.
final class ExperimentWatch: Sendable {
  private let name: String
  private let lastShown = Mutex(Duration.zero)

  init(_ name: String) { self.name = name }

  /// Shows the progress, ten times a second at most.
  func show(_ progress: Runner.Progress) {
    guard Console.isWatched else { return }
    lastShown.withLock { last in
      guard progress.elapsed - last > .milliseconds(100) else { return }
      last = progress.elapsed
      let left = progress.remaining.map { ", \($0.inWords) left" } ?? ""
      Console.status("\(name): \(progress.finished) of \(progress.total) problems\(left)")
    }
  }

  /// Removes the progress from the terminal.
  func finish() {
    if lastShown.withLock({ $0 > .zero }) { Console.status("") }
  }
}

extension Duration {
  /// Such as `3 h 20 min`, `5 min 3 s` or `12 s`.
  var inWords: String {
    let seconds = Int(self.seconds.rounded(.up))
    return switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
    default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
  }
}
