/// Something that a file does not say and that had to be guessed to read it, in one short line.
public enum FileGuess: Equatable, Sendable {
  /// The contents are of another format than the ending of the name says: of this one.
  case otherFormat(String)
  /// The first line of a text table was skipped, because it can only hold names.
  case namesSkipped
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
}

extension FileGuess: CustomStringConvertible {
  /// What was guessed, without the path.
  public var description: String {
    switch self {
    case .otherFormat(let name): "read as \(name), which the contents are, whatever the ending says"
    case .namesSkipped: "the first line holds names and was skipped; --header says so"
    case .numbersSkipped: "the first line was skipped, as --header says, but it holds numbers"
    case .separator(let separator): "cells were separated at \(Self.name(of: separator))"
    case .indexColumn(let start):
      "the first column counts the rows from \(start), as an index does; it was kept\(Self.advice)"
    case .namelessColumn:
      "the first column has no name, as an index has none; it was kept\(Self.advice)"
    case .row(let columns): "one row of \(columns) numbers was read as a vector"
    }
  }

  private static let advice = " (pandas leaves it out with to_csv(index=False))"

  private static func name(of separator: Character) -> String {
    switch separator {
    case "\t": "tabs"
    case ";": "semicolons"
    case ",": "commas"
    default: "blanks"
    }
  }
}
