internal import SparseCore
internal import Synchronization

/// The programs compiled in one context, which all its engines share: compiling takes milliseconds
/// even from a driver's cache, and some drivers keep memory of every program they ever compiled.
final class ProgramLibrary: Sendable {
  let context: Context
  private let programs = Mutex<[Program.Options: Program]>([:])

  init(_ context: Context) { self.context = context }

  /// The program for these options, compiled when it is first asked for.
  ///
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)`` with the build log.
  func program(_ options: Program.Options) throws(RecoveryError) -> Program {
    try programs.withLock { (programs) throws(RecoveryError) in
      if let program = programs[options] { return program }
      let program = try Program(context, options)
      programs[options] = program
      return program
    }
  }
}
