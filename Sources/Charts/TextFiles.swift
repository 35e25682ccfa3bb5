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
package func writeText(_ text: String, to path: String) throws(ChartError) {
  let partial = path + ".partial"
  guard let file = fopen(partial, "we") else {
    throw .cannotWrite(path: path, reason: systemReason())
  }
  var text = text
  let isWritten = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
  let isClosed = fclose(file) == 0
  guard isWritten, isClosed, rename(partial, path) == 0 else {
    let reason = systemReason()
    unlink(partial)
    throw .cannotWrite(path: path, reason: reason)
  }
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
