import Glibc
import Synchronization

private let interruptRequested = Atomic(false)

/// Ctrl-C: the first asks the solver to stop, a second ends the process at once.
enum Interrupt {
  /// Whether somebody has pressed Ctrl-C since ``listen()``.
  static var wasRequested: Bool { interruptRequested.load(ordering: .relaxed) }

  /// Takes over SIGINT.
  static func listen() {
    // The flag is made before the handler can need it. A handler may use atomics and `_exit`.
    _ = wasRequested
    signal(SIGINT) { _ in
      if interruptRequested.exchange(true, ordering: .relaxed) {
        _exit(ExitCode.interrupted.rawValue)
      }
    }
    // A parent that blocks signals in its threads hands the block on.
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
  }
}
