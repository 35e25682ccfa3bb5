/// The size of a recovery problem.
public struct ProblemShape: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The number of rows of the matrix, m.
  public let rows: Int
  /// The number of columns of the matrix, n.
  public let columns: Int
  /// The number of columns to select, k.
  public let sparsity: Int

  /// Collects the sizes.
  public init(_ rows: Int, _ columns: Int, _ sparsity: Int) {
    self.rows = rows
    self.columns = columns
    self.sparsity = sparsity
  }

  /// The entries of the matrix.
  var entries: Int { rows * columns }

  /// Such as `500 × 5000, k = 25`.
  public var description: String { "\(rows) × \(columns), k = \(sparsity)" }
}
