import Arguments
import SparseRecovery

/// The folds of a cross-validation, as asked for on the command line.
struct FoldChoice {
  /// The options that say it.
  static let options: [Option] = [
    Option(
      "folds", .text, placeholder: "count|column|file", default: "10",
      help: "The folds of cross-validation: how many, or a label for every row",
      details: """
        Labels are in a column of --table, where they may be text, or in a file of numbers, one column for each \
        repetition; or in a result of --json, which holds those that were used.
        """),
    Option(
      "fold-groups", .text, placeholder: "column|file",
      help: "Hold out rows with one label together, such as those of one patient",
      details:
        "A column of --table, or a file of numbers. Groups are dealt out so that folds have about as many rows."
    ),
    Option(
      "fold-repeats", .integer(1...1_000_000), placeholder: "count", default: "1",
      help: "Deal the rows out so often, each time in another order"),
  ]

  /// The options that may name a column of a table.
  private static let labels = ["folds", "fold-groups"]

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  /// What the options name, a number of folds left out; nothing where the command does not have them.
  static func labelNames(_ arguments: ParsedArguments) -> [(option: String, text: String)] {
    guard arguments.command.options.contains(where: { $0.name == "fold-groups" }) else { return [] }
    return labels.compactMap { option in
      guard let text = arguments.text(ifGiven: option), Int(text) == nil else { return nil }
      return (option, text)
    }
  }

  /// The folds of what was read.
  ///
  /// - Throws: ``FileError`` for a file that holds no labels, and
  ///   ``UsageError``.
  func plan(_ input: SolveInput, _ files: InputFiles) throws -> FoldPlan {
    let folds = arguments.text("folds")
    var plan = FoldPlan(seed: arguments.natural("seed"))
    plan.repeats = arguments.int("fold-repeats")
    plan.groups = try labels("fold-groups", input, files)?.first
    if let count = Int(folds) {
      plan.count = count
      return plan
    }
    for option in ["fold-groups", "fold-repeats"] where arguments.isGiven(option) {
      throw UsageError.idleOption(
        option: "--\(option)", needed: "a number of --folds, and not folds by label")
    }
    plan.labels = try labels("folds", input, files)
    files.note(Self.notices(about: plan.labels ?? [], of: folds))
    return plan
  }

  /// What is to be said of labels of which no two are the same: numbers that are no labels look like that.
  ///
  /// - Parameters:
  ///   - repetitions: the label of every row, for each repetition.
  ///   - name: what holds them.
  static func notices(about repetitions: [[Int]], of name: String) -> [String] {
    let count = repetitions.count { $0.count > 1 && Set($0).count == $0.count }
    guard count > 0 else { return [] }
    let place = repetitions.count == 1 ? "" : " in \(count) of \(repetitions.count) columns"
    return [
      "\(name.oneLine()): every row has a label of its own\(place), so that each is left out alone"
    ]
  }

  /// The labels of all rows that an option names, a list for each column of its file; nil where it names none.
  private func labels(_ option: String, _ input: SolveInput, _ files: InputFiles) throws -> [[Int]]?
  {
    guard let name = Self.labelNames(arguments).first(where: { $0.option == option })?.text else {
      return nil
    }
    if let column = input.table?.roles.labels[option], let labels = input.table?.labels[column] {
      return [labels]
    }
    if name.lowercased().hasSuffix(".json") { return try UsedFolds(name).labels }
    let matrix = try files.matrix(name)
    // A row is as good as a column.
    let isRow = matrix.rows == 1 && input.problem.givenRows > 1
    let lists =
      isRow
      ? [(0..<matrix.columns).map { matrix[0, $0] }]
      : matrix.columnVectors
    return try lists.map { try $0.labels(of: name, each: "row") }
  }
}

extension [Double] {
  /// The place of each number among all that are different, in ascending order: labels of rows or of columns.
  ///
  /// - Parameters:
  ///   - path: of the file that holds them.
  ///   - thing: what each belongs to.
  /// - Throws: ``FileError`` for a number that is not finite.
  func labels(of path: String, each thing: String) throws(FileError) -> [Int] {
    if let place = firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        path: path, position: nil, expected: "finite numbers for labels",
        found: "\(self[place]) for \(thing) \(place)")
    }
    let places = Dictionary(uniqueKeysWithValues: zip(Set(self).sorted(), 0...))
    return compactMap { places[$0] }
  }
}

/// The folds that a result of `sea path --json` says it used.
private struct UsedFolds: Decodable {
  private let folds: FoldReport

  /// - Throws: ``FileError``, with the first thing that is missing or of another kind.
  init(_ path: String) throws(FileError) {
    self = try JSONFile.read(path, expected: "a result of 'sea path --criterion cv --json'")
  }

  /// A label for every row, for each repetition; rows without a fold take no part in the result, and −1 stands there.
  var labels: [[Int]] { folds.assignment.map { $0.map { $0 ?? -1 } } }
}

/// The folds that were used, so that others can be compared on the same ones.
struct FoldReport: Codable {
  /// How many folds each repetition has.
  let counts: [Int]
  /// The fold of every row, counted from zero, for each repetition; null for rows that take no part.
  let assignment: [[Int?]]

  init(_ folds: Folds, rows: Int) {
    counts = folds.counts
    assignment = folds.assignment(rows: rows)
  }
}
