import MatrixFiles
import SparseCore

/// A problem as a text table: names, a column of text that is left out, y and the weights among the columns of A.
struct TextTable {
  private let text: String
  private let roles: DataTable.Roles

  /// - Parameter hasGaps: whether rows without a value, to be left out, stand between the others.
  init(_ matrix: Matrix<Double>, _ y: [Double], _ weights: [Double]?, hasGaps: Bool) {
    // Behind the first column of A, so that those of A are no range.
    var names = ["label", "a0", "y"]
    if weights != nil { names.append("w") }
    names += (1..<matrix.columns).map { "a\($0)" }
    var roles = DataTable.Roles(target: 2)
    roles.dropped = [0]
    roles.weights = weights == nil ? nil : 3
    roles.missing = hasGaps ? .dropped : .refused
    var lines = [names.joined(separator: ",")]
    for i in 0..<matrix.rows {
      let cells =
        ["row \(i)", "\(matrix[i, 0])", "\(y[i])"] + (weights.map { ["\($0[i])"] } ?? [])
        + (1..<matrix.columns).map { "\(matrix[i, $0])" }
      if hasGaps, i % 3 == 0 {
        // Every column lacks a value somewhere, but that of text, which may.
        var gap = cells
        gap[1 + i / 3 % (cells.count - 1)] = i % 2 == 0 ? "NA" : ""
        lines.append(gap.joined(separator: ","))
      }
      lines.append(cells.joined(separator: ","))
    }
    text = lines.joined(separator: "\n") + "\n"
    self.roles = roles
  }

  /// Reads it again.
  func read() throws -> DataTable {
    let contents = try Array(text.utf8).withUnsafeBytes {
      try FileContents(path: "table.csv", bytes: $0, memoryLimit: .max)
    }
    return try DataTable(TableFile(contents, header: true), roles)
  }
}
