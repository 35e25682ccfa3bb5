import Glibc
import Synchronization

/// The signal that asked to stop, or 0.
private let requested = Atomic<Int32>(0)

/// What `signal` says of a signal that is ignored; functions cannot be compared.
private let ignored = unsafeBitCast(SIG_IGN, to: Int.self)

/// Ctrl-C, SIGTERM and a terminal that is gone: the first asks the solver to stop, a second ends the
/// process at once.
enum Interrupt {
  /// Whether somebody has asked to stop since ``listen()``.
  static var wasRequested: Bool { requested.load(ordering: .relaxed) != 0 }

  /// How a process ends that was asked to stop: as the shell tells of the signal.
  static var exitCode: ExitCode {
    switch requested.load(ordering: .relaxed) {
    case SIGHUP: .hungUp
    case SIGTERM: .terminated
    default: .interrupted
    }
  }

  /// Takes over SIGINT, SIGTERM and, unless `nohup` has switched it off, SIGHUP.
  static func listen() {
    // The flag is made before the handler can need it. A handler may use atomics and `_exit`.
    _ = wasRequested
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number) { number in
        let isFirst = requested.exchange(number, ordering: .relaxed) == 0
        // The kernel and the shell both tell of a terminal that is gone.
        if !isFirst && number != SIGHUP { _exit(128 + number) }
      }
      if number == SIGHUP, unsafeBitCast(before, to: Int.self) == ignored {
        signal(number, SIG_IGN)
      }
      sigaddset(&signals, number)
    }
    // A parent that blocks signals in its threads hands the block on.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
