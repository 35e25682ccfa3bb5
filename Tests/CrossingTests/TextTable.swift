import ForeignFiles
import MatrixFiles
import MemoryFiles
import SparseCore
import TestSupport

/// A problem as a text table: names, a column of text that is left out, y and the weights among the columns of A.
struct TextTable {
  private let text: String
  private let roles: DataTable.Roles
  private let writing: Writing

  /// - Parameter hasGaps: whether rows without a value, to be left out, stand between the others.
  init(
    _ matrix: Matrix<Double>, _ y: [Double], _ weights: [Double]?, hasGaps: Bool,
    writing: Writing
  ) {
    let separator =
      switch writing {
      case .commas, .gzip: ","
      case .tabs: "\t"
      case .decimalCommas: ";"
      }
    func cell(_ number: Double) -> String {
      let text = "\(number)"
      return writing == .decimalCommas ? String(text.map { $0 == "." ? "," : $0 }) : text
    }
    // Behind the first column of A, so that those of A are no range.
    var names = ["label", "a0", "y"]
    if weights != nil { names.append("w") }
    names += (1..<matrix.columns).map { "a\($0)" }
    var roles = DataTable.Roles(target: 2)
    roles.dropped = [0]
    roles.weights = weights == nil ? nil : 3
    roles.missing = hasGaps ? .dropped : .refused
    var lines = [names.joined(separator: separator)]
    for i in 0..<matrix.rows {
      let cells =
        ["row \(i)", cell(matrix[i, 0]), cell(y[i])] + (weights.map { [cell($0[i])] } ?? [])
        + (1..<matrix.columns).map { cell(matrix[i, $0]) }
      if hasGaps, i % 3 == 0 {
        // Every column lacks a value somewhere, but that of text, which may.
        var gap = cells
        gap[1 + i / 3 % (cells.count - 1)] = i % 2 == 0 ? "NA" : ""
        lines.append(gap.joined(separator: separator))
      }
      lines.append(cells.joined(separator: separator))
    }
    text = lines.joined(separator: "\n") + "\n"
    self.roles = roles
    self.writing = writing
  }

  /// Reads it again.
  func read() throws -> DataTable {
    let bytes = Array(text.utf8)
    let given = try (writing == .gzip ? GzipBytes(bytes).bytes : bytes).withUnsafeBytes {
      try FileContents(path: "table.csv", bytes: $0, memoryLimit: .max)
    }
    return try DataTable(
      TableFile(writing == .gzip ? unpacked(given) : given, header: true), roles)
  }

  private func unpacked(_ file: FileContents) throws -> FileContents {
    let target = try OpenFile(emptyFor: file.path)
    _ = try ForeignDecoder(.gzip, member: nil, limit: 1 << 24)
      .decode(file, at: file.path, into: target.descriptor)
    return try target.sealedContents()
  }
}
