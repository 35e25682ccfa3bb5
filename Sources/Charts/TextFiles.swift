import Glibc

/// Makes a folder, and those it lies in, where they are missing.
package func makeFolder(_ path: String) throws(ChartError) {
  var prefix = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    prefix += part + "/"
    guard mkdir(prefix, 0o777) == 0 || errno == EEXIST else {
      throw .cannotWrite(path: path, reason: systemReason())
    }
  }
}

/// Writes a whole file, which appears complete or not at all.
///
/// - Parameter replacing: whether a file that exists is replaced; else it is an error.
package func writeText(
  _ text: String, to path: String, replacing: Bool = true
) throws(ChartError) {
  try place(path, replacing: replacing) { (file) throws(ChartError) in
    var text = text
    let isWritten = text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let count = write(
          file.number, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        guard count > 0 || errno == EINTR else { return false }
        rest = rest.dropFirst(max(count, 0))
      }
      return true
    }
    guard isWritten else { throw .cannotWrite(path: path, reason: systemReason()) }
  }
}

/// Lets `body` write a file beside `path`, and gives it that name at last.
func place(
  _ path: String, replacing: Bool, _ body: (borrowing Descriptor) throws(ChartError) -> Void
) throws(ChartError) {
  let partial = path + ".partial"
  // What somebody else put there, a link above all, is not written through.
  unlink(partial)
  do {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = Descriptor(open(partial, flags, 0o644))
    guard file.isOpen else { throw ChartError.cannotWrite(path: path, reason: systemReason()) }
    do throws(ChartError) {
      try body(file)
    } catch {
      unlink(partial)
      throw error
    }
  }
  // A second name, unlike a new one, never takes the place of another file.
  let isPlaced = replacing ? rename(partial, path) == 0 : link(partial, path) == 0
  let reason = errno == EEXIST ? "it exists, and is not to be replaced" : systemReason()
  if !isPlaced || !replacing { unlink(partial) }
  guard isPlaced else { throw .cannotWrite(path: path, reason: reason) }
}

/// Reads a whole file, as UTF-8.
///
/// - Throws: ``ChartError/cannotRead(path:reason:)``.
func readText(_ path: String) throws(ChartError) -> String {
  guard let file = fopen(path, "re") else {
    throw .cannotRead(path: path, reason: systemReason())
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    bytes += chunk.prefix(count)
    if count < chunk.count { break }
  }
  guard ferror(file) == 0 else { throw .cannotRead(path: path, reason: systemReason()) }
  return String(decoding: bytes, as: UTF8.self)
}

/// An open file of the system, closed with this value.
struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  var isOpen: Bool { number >= 0 }

  /// A file without a name.
  static func temporary() -> Descriptor {
    guard let file = tmpfile() else { return Descriptor(-1) }
    defer { fclose(file) }
    return Descriptor(fcntl(fileno(file), F_DUPFD_CLOEXEC, 0))
  }

  /// Closes it now.
  consuming func close() {}

  /// Writes `text` to a socket, as far as the other end reads it.
  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 {
        guard errno == EINTR else { return }
      } else {
        rest = rest.dropFirst(count)
      }
    }
  }

  /// All of a file, as UTF-8.
  ///
  /// - Throws: ``ChartError/cannotRead(path:reason:)``.
  func text() throws(ChartError) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = pread(number, &chunk, chunk.count, off_t(bytes.count))
      guard count >= 0 else {
        throw .cannotRead(path: "a temporary file", reason: systemReason())
      }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk.prefix(count)
    }
  }

  /// The first kilobyte of a file, its lines joined.
  func contents() -> String {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = pread(number, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  deinit { if number >= 0 { Glibc.close(number) } }
}

/// What the system says about its last failure.
func systemReason() -> String { String(cString: strerror(errno)) }
