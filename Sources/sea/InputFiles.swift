import Arguments
import SparseRecovery

/// Reads the files that options name, and keeps what was guessed on the way, for the result to say.
final class InputFiles {
  /// A line for each guess, in the order of the files read.
  private(set) var notices: [String] = []
  private let header: Bool

  init(_ arguments: ParsedArguments) { header = arguments.flag("header") }

  /// Reads a matrix.
  func matrix(_ path: String) throws(FileError) -> DenseMatrix {
    let reading = try MatrixFile.reading(path, header: header)
    notices += reading.notices
    return reading.contents
  }

  /// Reads a vector: one row or one column.
  func vector(_ path: String) throws(FileError) -> [Double] {
    let reading = try MatrixFile.reading(path, header: header).asVector()
    notices += reading.notices
    return reading.contents
  }

  /// Reads a vector, in a row or a column; or a matrix with one observation a column. With one row in
  /// A, a row is as many observations.
  ///
  /// - Parameter rows: of A.
  func observations(_ path: String, rows: Int) throws(FileError) -> [[Double]] {
    let reading = try MatrixFile.reading(path, header: header)
    let matrix = reading.contents
    if matrix.columns == 1 || matrix.rows == 1 && rows > 1 {
      let vector = try reading.asVector()
      notices += vector.notices
      return [vector.contents]
    }
    let name = path.oneLine()
    notices += reading.notices
    notices.append("\(name) was read as \(matrix.columns) observations, one a column")
    if let start = matrix.indexStart {
      let guess = FileGuess.indexColumn(from: start)
      // Text tables have said so.
      if !reading.guesses.contains(guess) { notices.append("\(name): \(guess)") }
    }
    return (0..<matrix.columns).map { j in (0..<matrix.rows).map { matrix[$0, j] } }
  }
}
