import FoundationEssentials
import Glibc
import SparseRecovery

/// The terminal: results go to standard output, everything else to standard error.
enum Console {
  /// Whether somebody watches standard error.
  static let isWatched = isatty(STDERR_FILENO) != 0

  /// The columns of the terminal, 80 where there is none.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return min(max(Int(size.ws_col), 40), 120)
  }

  /// Writes a result.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``: a disk that is full, a file system that fails.
  static func write(_ text: String) throws(FileError) {
    if let reason = write(text, to: STDOUT_FILENO) {
      throw .cannotWrite(path: "standard output", reason: reason)
    }
  }

  /// Writes a result as one JSON object on one line, its keys in alphabetical order.
  ///
  /// - Throws: what ``write(_:)`` throws.
  static func write(json value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
  }

  /// Writes a line for a person. Where it cannot be written there is nobody left to tell.
  static func error(_ line: String) { _ = write(line + "\n", to: STDERR_FILENO) }

  /// Writes over the line that the last call wrote.
  static func status(_ line: String) { _ = write("\r\u{1B}[K" + line, to: STDERR_FILENO) }

  /// Nil where all is written, or why not.
  private static func write(_ text: String, to descriptor: Int32) -> String? {
    var text = text
    return text.withUTF8 { bytes -> String? in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
          guard errno == EINTR else { return String(cString: strerror(errno)) }
        } else {
          rest = rest.dropFirst(count)
        }
      }
      return nil
    }
  }
}
