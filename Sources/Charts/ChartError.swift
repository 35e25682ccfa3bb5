import Glibc

/// Why a chart could not be drawn or written.
package enum ChartError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file that could not be written.
  case cannotWrite(path: String, reason: String)
  /// A file that could not be read.
  case cannotRead(path: String, reason: String)
  /// gnuplot could not be started, or ended with an error.
  case gnuplotFailed(status: Int32, message: String)

  /// One line for a person.
  package var description: String {
    switch self {
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .gnuplotFailed(let status, let message):
      "gnuplot ended with status \(status)" + (message.isEmpty ? "" : ": \(message)")
    }
  }
}

/// What the system says about its last failure.
func systemReason() -> String { String(cString: strerror(errno)) }
