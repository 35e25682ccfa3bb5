import Arguments
import SparseRecovery

/// The groups of columns that are selected as a whole, as asked for on the command line.
struct GroupChoice {
  /// The option that says which they are.
  static let option = Option(
    "column-groups", .text, placeholder: "file|levels",
    help: "Select columns in groups, of which --sparsity counts so many",
    details: """
      A file of n numbers, the same for columns of one group; or levels, with --table: all levels of a categorical \
      column are a group, and every other column is one.
      """)

  /// The group of every column of A.
  let labels: [Int]
  /// What the groups are called.
  private let names: [Int: String]

  /// Nil where each column stands for itself.
  ///
  /// - Throws: ``FileError`` for a file that holds no groups, and ``UsageError``.
  init?(
    _ arguments: ParsedArguments, _ columns: TableColumns, _ table: DataTable?, _ files: InputFiles
  ) throws {
    guard let text = arguments.text(ifGiven: Self.option.name) else { return nil }
    if text == "levels" {
      guard let table else {
        throw UsageError.idleOption(option: "--column-groups levels", needed: "--table")
      }
      labels = table.sources.map(\.index)
      names = Dictionary(uniqueKeysWithValues: Set(labels).map { ($0, table.file.label($0)) })
      return
    }
    let numbers = try files.vector(text)
    guard numbers.count == columns.count else {
      throw FileError.malformed(
        path: text, position: nil,
        expected: "\(columns.count) groups, one for each column to choose from",
        found: "\(numbers.count)")
    }
    labels = try numbers.labels(of: text, each: "column")
    names = Dictionary(
      zip(labels, numbers.map { Int(exactly: $0).map(String.init) ?? "\($0)" }),
      uniquingKeysWith: { first, _ in first })
  }

  /// What the groups of a support are called, in the order of their first columns.
  func names(of support: [Int]) -> [String] {
    var known: Set<Int> = []
    return support.map { labels[$0] }.filter { known.insert($0).inserted }.map {
      names[$0] ?? "\($0)"
    }
  }
}
