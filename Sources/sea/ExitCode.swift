import Arguments
import Charts
import Experiments
import SparseRecovery

/// How the process ends, after sysexits.h.
enum ExitCode: Int32 {
  case success = 0
  case usage = 64
  case data = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case cannotCreate = 73
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  /// The code that says whose fault an error is.
  init(_ error: any Error) {
    switch error {
    case is UsageError: self = .usage
    case let error as FileError:
      switch error.kind {
      case .input: self = .noInput
      case .data: self = .data
      case .output: self = .cannotCreate
      }
    case let error as RecoveryError: self = Self(error.kind)
    case let error as BlamedError: self = Self(error.error.kind)
    case let error as ExperimentError: self = Self(error)
    case let error as ChartError: self = Self(error)
    default: self = .software
    }
  }

  private init(_ error: ChartError) {
    switch error {
    case .cannotWrite: self = .cannotCreate
    case .cannotRead: self = .noInput
    case .gnuplotFailed: self = .software
    }
  }

  private init(_ kind: RecoveryError.Kind) {
    switch kind {
    case .data: self = .data
    case .request: self = .usage
    case .device: self = .unavailable
    case .internal: self = .software
    }
  }
}

/// An error in the numbers of a file, with the name of the file.
struct BlamedError: Error, CustomStringConvertible {
  let path: String
  let error: RecoveryError

  var description: String { "\(path.oneLine()): \(error)" }
}
