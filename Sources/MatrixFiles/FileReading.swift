public import SparseCore

/// What a file holds, and what had to be guessed to read it.
public struct FileReading<Contents: Sendable>: Sendable {
  /// What was read.
  public let contents: Contents
  /// The path as given.
  public let path: String
  /// What was guessed; empty where the file says everything itself.
  public let guesses: [FileGuess]

  /// The line of names in a text table, and what separates them.
  private let header: (bytes: [UInt8], separator: UInt8?)?

  init(
    _ contents: Contents, path: String, guesses: [FileGuess],
    names header: (bytes: [UInt8], separator: UInt8?)? = nil
  ) {
    self.contents = contents
    self.path = path
    self.guesses = guesses
    self.header = header
  }

  /// The guesses as lines for a person, with the path, and without control characters.
  public var notices: [String] { guesses.map { "\(path.oneLine()): \($0)" } }
}

extension FileReading where Contents == DenseMatrix {
  /// The names of the columns, where a text table has a line of them, one for each; else nil.
  public var columnNames: [String]? {
    guard let header else { return nil }
    let names = cellTexts(of: header.bytes, separator: header.separator)
    return names.count == contents.columns ? names : nil
  }

  /// The same as a vector: the entries of a matrix of one row or one column.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` with the shape of any other.
  public func asVector() throws(FileError) -> FileReading<[Double]> {
    guard let vector = contents.vector else {
      throw .malformed(
        path: path, position: nil, expected: "a vector: one row or one column",
        found: "\(contents.rows) × \(contents.columns) numbers")
    }
    let row: [FileGuess] = contents.columns > 1 ? [.row(columns: contents.columns)] : []
    return FileReading<[Double]>(vector, path: path, guesses: guesses + row)
  }
}
