import Glibc

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

  /// The first kilobyte of a file, its lines joined.
  func contents() -> String {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = pread(number, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  deinit { if number >= 0 { Glibc.close(number) } }
}
