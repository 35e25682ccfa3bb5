import Experiments
import TestSupport

/// An input for the reader of traces: the bytes of a file.
enum TraceInput {
  /// - Parameter isDrawn: whether charts are drawn of what is accepted.
  /// - Throws: ``BrokenPromise``.
  static func check(
    _ input: UnsafeRawBufferPointer, _ meter: MemoryMeter, isDrawn: Bool
  ) throws {
    let bytes = Array(input)
    var table: TraceTable?
    let held = try meter {
      do throws(ExperimentError) {
        table = try TraceTable(path: "input", bytes: bytes)
      } catch {
        try promiseOneLine(error)
      }
    }
    let allowed = 48 * bytes.count + 4 << 10
    try promise(held <= allowed, orElse: "\(held) bytes were held, \(allowed) are allowed")
    guard let table, isDrawn else { return }
    let folder = TemporaryFolder()
    _ = try TraceFile(path: "input", table: table)
      .draw(into: folder.path, command: "", with: nil, formats: [])
  }
}
