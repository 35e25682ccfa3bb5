import Glibc
import Synchronization

/// The signal that asked to stop, or 0.
private let requested = Atomic<Int32>(0)

/// Ctrl-C and SIGTERM: the first asks the solver to stop, a second ends the process at once.
enum Interrupt {
  /// Whether somebody has asked to stop since ``listen()``.
  static var wasRequested: Bool { requested.load(ordering: .relaxed) != 0 }

  /// How a process ends that was asked to stop: as the shell tells of the signal.
  static var exitCode: ExitCode {
    requested.load(ordering: .relaxed) == SIGTERM ? .terminated : .interrupted
  }

  /// Takes over SIGINT and SIGTERM.
  static func listen() {
    // The flag is made before the handler can need it. A handler may use atomics and `_exit`.
    _ = wasRequested
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if requested.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      }
      sigaddset(&signals, number)
    }
    // A parent that blocks signals in its threads hands the block on.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
