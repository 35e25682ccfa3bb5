import Glibc
import SparseCore

/// Why a file could not be read or written. Every case names the file.
public enum FileError: Error, Equatable, Sendable {
  /// A file that is missing, may not be opened, or is not a regular file.
  case cannotRead(path: String, reason: String)
  /// Contents that break the rules of their format, or are not what was asked for.
  case malformed(path: String, position: TextPosition?, expected: String, found: String)
  /// Contents in order, but of a kind that is not read here.
  case unsupported(path: String, expected: String, found: String)
  /// A file that could not be created, written or renamed. What was there before is untouched.
  case cannotWrite(path: String, reason: String)

  /// What is at fault, which decides the exit code of the command line.
  public enum Kind: Sendable {
    /// The file to read is missing or unreadable.
    case input
    /// The contents of the file to read.
    case data
    /// The file to write.
    case output
  }

  /// What is at fault.
  public var kind: Kind {
    switch self {
    case .cannotRead: .input
    case .malformed, .unsupported: .data
    case .cannotWrite: .output
    }
  }
}

/// A place in a text file, both numbers counted from 1.
public struct TextPosition: Equatable, Sendable {
  /// The line.
  public let line: Int
  /// The cell or word of that line, where one is to blame.
  public let column: Int?
  /// What the column is called, where it has a name.
  public let name: String?

  /// Names a line, or one cell of it.
  public init(line: Int, column: Int? = nil, name: String? = nil) {
    self.line = line
    self.column = column
    self.name = name
  }
}

extension FileError: CustomStringConvertible {
  /// One line for a person: the file, what was expected, and what was found.
  public var description: String {
    switch self {
    case .cannotRead(let path, let reason):
      "cannot read \(path.oneLine()): \(reason)"
    case .malformed(let path, let position, let expected, let found):
      "\(path.oneLine())\(Self.suffix(position)): expected \(expected), found \(found)"
    case .unsupported(let path, let expected, let found):
      "\(path.oneLine()): unsupported: expected \(expected), found \(found)"
    case .cannotWrite(let path, let reason):
      "cannot write \(path.oneLine()): \(reason)"
    }
  }

  private static func suffix(_ position: TextPosition?) -> String {
    guard let position else { return "" }
    return ", line \(position.line)" + (position.column.map { ", column \($0)" } ?? "")
      + (position.name.map { " (\($0.oneLine(limit: 80)))" } ?? "")
  }
}

/// What a path names, in words for a message.
enum FileKind: String {
  case regular = "a regular file"
  case directory = "a directory"
  case pipe = "a pipe"
  case socket = "a socket"
  case device = "a device"

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .directory
    case S_IFIFO: self = .pipe
    case S_IFSOCK: self = .socket
    default: self = .device
    }
  }
}

/// The text of the last system call's error.
func systemReason() -> String { String(cString: strerror(errno)) }

/// The beginning of `bytes` in quotes for a message: at most `limit` of them, unprintable
/// ones as \xNN.
func excerpt(_ bytes: some Collection<UInt8>, limit: Int = 24) -> String {
  let text = bytes.prefix(limit).map { byte in
    switch byte {
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default: "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return "\"" + text.joined() + (bytes.count > limit ? "…" : "") + "\""
}
