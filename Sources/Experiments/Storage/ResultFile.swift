import Glibc
package import SparseRecovery

/// A file of results that grows by a line for every problem solved, and by whole lines only.
package final class ResultFile {
  private let path: String
  private let descriptor: Int32
  /// What the file held when it was opened.
  package let earlier: ResultSet
  /// Whether a line that an earlier run did not finish was dropped.
  package let droppedDamagedLine: Bool

  /// Opens a file of the settings in `header`, or begins one.
  ///
  /// - Throws: ``FileError``, or ``ExperimentError``: `differentSettings`, `damaged`, `conflict`, or
  ///   `busy`.
  package init(_ path: String, header: JSON) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FileError.cannotWrite(path: path, reason: systemReason())
    }
    do {
      // Two writers would solve the same problems twice.
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw ExperimentError.busy(path: path)
      }
      let headerLine = header.text + "\n"
      let bytes = try fileBytes(descriptor, path: path)
      let isUnfinishedHeader =
        bytes.count < headerLine.utf8.count && headerLine.utf8.starts(with: bytes)
      let lines = try ResultLines(path: path, bytes: isUnfinishedHeader ? [] : bytes)
      if lines.header == nil, !isUnfinishedHeader {
        throw ExperimentError.damaged(path: path, line: 1, reason: "expected a header")
      }
      if let found = lines.header, let difference = found.difference(from: header) {
        throw ExperimentError.differentSettings(path: path, difference: difference)
      }
      earlier = try ResultSet(header: header, problems: lines.problems, path: path)
      droppedDamagedLine = lines.hasDamagedEnd
      if lines.intactBytes < bytes.count {
        guard ftruncate(descriptor, off_t(lines.intactBytes)) == 0 else {
          throw FileError.cannotWrite(path: path, reason: systemReason())
        }
      }
      self.path = path
      self.descriptor = descriptor
      if lines.header == nil { try write(headerLine) }
    } catch {
      Self.release(descriptor)
      throw error
    }
  }

  /// A process being started holds a copy of every descriptor for a moment, and with it the lock.
  private static func release(_ descriptor: Int32) {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Appends one line, which reaches the system before this returns.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package func append(_ result: ProblemResult) throws(FileError) { try write(result.line() + "\n") }

  private func write(_ line: String) throws(FileError) {
    var rest = Array(line.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 || errno == EINTR else {
        throw .cannotWrite(path: path, reason: systemReason())
      }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  deinit { Self.release(descriptor) }
}

/// The lines of a file of results.
struct ResultLines {
  /// The first line, or nil where the file is empty.
  let header: JSON?
  let problems: [ProblemResult]
  /// The bytes up to the end of the last line in order.
  let intactBytes: Int
  /// Whether anything follows them.
  let hasDamagedEnd: Bool

  /// Takes the lines apart. Only the last one may be damaged: a crash leaves nothing else.
  init(path: String, bytes: [UInt8]) throws(ExperimentError) {
    var header: JSON?
    var problems: [ProblemResult] = []
    var start = 0
    var number = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      do {
        let json = try JSON(parsing: bytes[start..<end])
        if number == 1 {
          guard json["schema"] != nil else {
            throw ExperimentError.damaged(path: path, line: 1, reason: "expected a header")
          }
          header = json
        } else if let problem = ProblemResult(json) {
          problems.append(problem)
        } else {
          throw ExperimentError.damaged(path: path, line: number, reason: "expected a result")
        }
      } catch {
        guard number > 1, end == bytes.count - 1 else {
          throw error as? ExperimentError
            ?? .damaged(path: path, line: number, reason: "\(error)")
        }
        break
      }
      start = end + 1
    }
    self.header = header
    self.problems = problems
    intactBytes = start
    hasDamagedEnd = start < bytes.count
  }
}

/// The contents of a file.
///
/// - Throws: ``FileError/cannotRead(path:reason:)``.
func fileBytes(_ path: String) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .cannotRead(path: path, reason: systemReason()) }
  defer { close(descriptor) }
  return try fileBytes(descriptor, path: path)
}

/// The contents of an open file from its beginning.
func fileBytes(_ descriptor: Int32, path: String) throws(FileError) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
    if count == 0 { return bytes }
    if count > 0 {
      bytes += chunk.prefix(count)
    } else if errno != EINTR {
      throw .cannotRead(path: path, reason: systemReason())
    }
  }
}

/// What the system says about its last failure.
private func systemReason() -> String { String(cString: strerror(errno)) }
