import Glibc
import SparseRecovery

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
func systemReason() -> String { String(cString: strerror(errno)) }
