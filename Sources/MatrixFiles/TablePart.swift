import SparseCore

/// A run of whole lines of a text table, which one thread reads.
struct TablePart: Sendable {
  /// Where the lines lie, without the newline of the last.
  let range: Range<Int>
  /// The first line, counted from one, and the first row, from zero.
  let firstLine: Int
  let firstRow: Int
  /// The number of lines, and of rows among them.
  let lineCount: Int
  let rowCount: Int

  /// A thread is worth its start for so many bytes: some milliseconds of numbers.
  private static let leastBytes = 1 << 20

  /// Cuts the rows of a table into parts of about the same length, one for each core at most; none where one thread is to
  /// read all of them.
  static func parts(of layout: TableLayout, in bytes: UnsafeRawBufferPointer) -> [TablePart] {
    let rows = layout.rows
    let wanted = max(1, min(AvailableCores.count, rows.count / leastBytes))
    let ranges = ranges(of: rows, every: (rows.count + wanted - 1) / wanted, in: bytes)
    // One thread reads the layout as a whole.
    guard ranges.count > 1 else { return [] }
    return parts(
      ranges[...], firstLine: layout.firstLineNumber, firstRow: 0, of: layout, in: bytes)
  }

  /// Whole lines of about as many bytes each, without the newline of the last; where they end depends on the bytes alone.
  static func ranges(
    of rows: Range<Int>, every size: Int, in bytes: UnsafeRawBufferPointer
  ) -> [Range<Int>] {
    var starts = [rows.lowerBound]
    for middle in stride(
      from: rows.lowerBound + max(size, 1), to: rows.upperBound, by: max(size, 1))
    where middle > starts[starts.count - 1] {
      guard let end = bytes[middle..<rows.upperBound].firstIndex(of: newline) else { break }
      starts.append(end + 1)
    }
    return starts.indices.map { part in
      starts[part]..<(part + 1 < starts.count ? starts[part + 1] - 1 : rows.upperBound)
    }
  }

  /// What ranges one after another hold, each counted on a thread of its own.
  static func parts(
    _ ranges: ArraySlice<Range<Int>>, firstLine: Int, firstRow: Int, of layout: TableLayout,
    in bytes: UnsafeRawBufferPointer
  ) -> [TablePart] {
    let counts = Counts(ranges.count)
    nonisolated(unsafe) let bytes = bytes
    Blocks(count: ranges.count, size: 1, threads: ranges.count).forEach { part, _ in
      let range = ranges[ranges.startIndex + part]
      let lines = 1 + bytes[range].count(of: newline)
      let comments =
        layout.hasCommentsBetweenRows ? TableLines.commentCount(in: bytes, range) : 0
      counts[part] = (lines, lines - comments)
    }
    var parts: [TablePart] = []
    var (line, row) = (firstLine, firstRow)
    for (part, range) in ranges.enumerated() {
      let (lines, rows) = counts[part]
      parts.append(
        TablePart(
          range: range, firstLine: line, firstRow: row, lineCount: lines, rowCount: rows))
      line += lines
      row += rows
    }
    return parts
  }

  /// A place for what each thread counts.
  private final class Counts: @unchecked Sendable {
    private let places: UnsafeMutableBufferPointer<(lines: Int, rows: Int)>

    init(_ count: Int) {
      places = .allocate(capacity: count)
      places.initialize(repeating: (0, 0))
    }

    subscript(part: Int) -> (lines: Int, rows: Int) {
      get { places[part] }
      set { places[part] = newValue }
    }

    deinit { places.deallocate() }
  }
}
