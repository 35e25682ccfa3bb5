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

  /// The same with guesses made before.
  package func adding(_ earlier: [FileGuess]) -> FileReading {
    FileReading(contents, path: path, guesses: earlier + guesses, names: header)
  }

  /// The guesses as lines for a person, with the path, and without control characters.
  public var notices: [String] { guesses.map { "\(path.oneLine()): \($0)" } }
}

extension FileReading where Contents == DenseMatrix {
  /// The names of the columns, where a text table has a line of them, one for each; else nil.
  public var columnNames: [String]? { tableColumns.names }

  /// The columns, with their names.
  package var tableColumns: TableColumns {
    TableColumns(
      count: contents.columns,
      names: header.map { cellTexts(of: $0.bytes, separator: $0.separator) })
  }

  /// The same as a vector: the entries of a matrix of one row or one column.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` with the shape of any other.
  public func asVector() throws(FileError) -> FileReading<[Double]> {
    try asVector(
      contents.vector, found: "\(contents.rows) × \(contents.columns) numbers")
  }

  /// The same as `vector`, or the error of finding something else.
  func asVector(_ vector: [Double]?, found: String) throws(FileError) -> FileReading<[Double]> {
    guard let vector else {
      throw .malformed(
        path: path, position: nil, expected: "a vector: one row or one column", found: found)
    }
    let row: [FileGuess] = contents.columns > 1 ? [.row(columns: contents.columns)] : []
    return FileReading<[Double]>(vector, path: path, guesses: guesses + row)
  }
}

/// Something that a file does not say and that had to be guessed to read it, in one short line.
public enum FileGuess: Equatable, Sendable {
  /// The contents are of another format than the ending of the name says: of this one.
  case otherFormat(String)
  /// The first line of a text table was taken as the names of the columns, because it can only hold names.
  case namesSkipped
  /// The first line of a text table was skipped, as asked, and holds so many cells: not one for each column.
  case namesUnmatched(Int)
  /// The first line of a text table was skipped, as asked, though it holds numbers alone.
  case numbersSkipped
  /// Cells are separated by this, which is not what the ending of the name says. A blank stands for
  /// any number of them.
  case separator(Character)
  /// The first column counts the rows from this number on, as an index does.
  case indexColumn(from: Int)
  /// Every column has a name but the first, as the index of a data frame has none.
  case namelessColumn
  /// A matrix of one row and so many columns was taken as a vector.
  case row(columns: Int)
  /// So many lines of a text table begin with `#` and were left out.
  case comments(Int)
  /// The last comment above the rows was taken as the names of the columns.
  case namesInComment
  /// Numbers were read with a decimal comma.
  case decimalComma
  /// A sparse matrix of this format was read as a dense one.
  case sparse(String)
  /// A sparse matrix with so many nonzeros stayed one.
  case keptSparse(nonzeros: Int)
}

extension FileGuess: CustomStringConvertible {
  /// What was guessed, without the path.
  public var description: String {
    text(advice: " (pandas leaves it out with to_csv(index=False))")
  }

  /// The same with other advice on a first column that is an index.
  func text(advice: String) -> String {
    switch self {
    case .otherFormat(let name): "read as \(name), which the contents are, whatever the ending says"
    case .namesSkipped: "the first line was taken as the names of the columns; --header says so"
    case .namesUnmatched(let count):
      "the first line was skipped, as --header says, but does not hold a name for each column: \(count) found"
    case .numbersSkipped:
      "the first line was taken as names, as --header says, but it holds numbers"
    case .separator(let separator): "cells were separated at \(Self.name(of: separator))"
    case .indexColumn(let start):
      "the first column counts the rows from \(start), as an index does; it was kept\(advice)"
    case .namelessColumn:
      "the first column has no name, as an index has none; it was kept\(advice)"
    case .row(let columns): "one row of \(columns) numbers was read as a vector"
    case .comments(let count):
      count == 1
        ? "one line that begins with # was left out"
        : "\(count) lines that begin with # were left out"
    case .namesInComment:
      "the last line with # above the rows was taken as the names of the columns"
    case .decimalComma: "numbers were read with a decimal comma; --decimal comma says so"
    case .sparse(let format): "a sparse matrix (\(format)) was read as a dense one"
    case .keptSparse(let nonzeros): "a sparse matrix of \(nonzeros) nonzeros"
    }
  }

  private static func name(of separator: Character) -> String {
    switch separator {
    case "\t": "tabs"
    case ";": "semicolons"
    case ",": "commas"
    case "|": "bars"
    default: "blanks"
    }
  }
}
