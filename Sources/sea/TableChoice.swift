import Arguments
import SparseRecovery

/// One text table in the place of A and y, as asked for on the command line.
struct TableChoice {
  /// The options that say which column is what.
  static let options = OptionGroup(
    "Problem in one table",
    [
      Option(
        "table", .file,
        help: "A text table with A and y, in the place of --matrix and --observation",
        details: """
          Every column is one of A but those named by --target, --weights, --drop and --index. Columns are named as \
          for --include; indices count all columns of the table.
          """),
      Option("target", .text, placeholder: "column", help: "The column of the table that is y"),
      Option(
        "drop", .text, placeholder: "columns",
        help: "Columns of the table that are not looked at, text included"),
      Option(
        "index", .text, placeholder: "column",
        help: "The column of the table that names its rows, which is not looked at either"),
      Option(
        "categorical", .text, placeholder: "columns",
        help: "Columns of the table that hold levels, such as cities",
        details: """
          Each stands for an indicator of every level, 1 in its rows and 0 elsewhere, called name=level; with an \
          intercept of every level but the first in ascending order.
          """),
      missing,
    ])

  /// The option that says what becomes of cells without a value.
  static let missing = Option(
    "missing", .choice(of: MissingCells.self), default: MissingCells.refused.rawValue,
    help: "What becomes of cells of the table that are empty, NA or nan",
    details: """
      drop: their rows are left out. mean: they are filled with the mean of their column; a row without a target or a \
      weight is left out.
      """)

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  /// Reads the table, with the column of weights where `--weights` names one.
  func read(_ files: InputFiles) throws -> DataTable {
    let file = try files.table(arguments.text("table"))
    let columns = file.columns
    let target = try columns.index(arguments, "target") ?? 0
    var roles = DataTable.Roles(target: target)
    roles.weights = try weights(columns)
    roles.dropped = Set(try columns.indices(arguments, "drop"))
    if let index = try columns.index(arguments, "index") { roles.dropped.insert(index) }
    roles.categorical = Set(try columns.indices(arguments, "categorical"))
    roles.leavesBaseOut = arguments.flag("intercept") || arguments.flag("standardize")
    roles.missing = arguments.choice("missing")
    try refuseTwoRoles(roles, columns)
    let table = try DataTable(file, roles)
    files.note(table.notices)
    return table
  }

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a column that is to be two things.
  private func refuseTwoRoles(
    _ roles: DataTable.Roles, _ columns: TableColumns
  ) throws(RecoveryError) {
    var taken = [roles.target: "the target"]
    func take(_ option: String, _ indices: [Int], _ role: String) throws(RecoveryError) {
      for j in indices {
        if let other = taken[j] {
          throw refusal(
            option, "a column that is nothing else", "\(columns.label(j)), which is \(other)")
        }
        taken[j] = role
      }
    }
    try take("weights", roles.weights.map { [$0] } ?? [], "the weights")
    // A column that is dropped twice is none the worse.
    let index = try columns.indices(arguments, "index")
    try take("index", index, "the index")
    try take("drop", roles.dropped.subtracting(index).sorted(), "dropped")
    try take("categorical", roles.categorical.sorted(), "categorical")
  }

  /// Columns of A that an option names, which must be among those to choose from.
  func candidates(_ option: String, of table: DataTable) throws(RecoveryError) -> Set<Int> {
    var candidates: Set<Int> = []
    for j in try table.file.indices(arguments, option) {
      let places = table.places(of: j)
      guard !places.isEmpty else {
        let role =
          j == table.roles.target
          ? "the target" : j == table.roles.weights ? "the weights" : "a column left out"
        throw refusal(
          option, "columns to choose from", "\(table.file.label(j)), which is \(role)")
      }
      candidates.formUnion(places)
    }
    return candidates
  }

  /// The column that `--weights` names, or nil where it names a file.
  private func weights(_ columns: TableColumns) throws(RecoveryError) -> Int? {
    guard let name = arguments.text(ifGiven: "weights") else { return nil }
    let places = columns.places(of: name)
    if places.count > 1 {
      throw refusal(
        "weights", "the name of one column, or of a file as ./\(name)",
        "'\(name)', columns \(places.map(String.init).joined(separator: ", "))")
    }
    if places.isEmpty, name != "-", let names = columns.names, !AtomicFile.exists(name) {
      let near = nearest(3, to: name, among: names.filter { !$0.isEmpty })
      throw refusal(
        "weights", "a column of the table or a file",
        "'\(name)'; the nearest names are \(near.map(TableColumns.quoted).joined(separator: ", "))")
    }
    return places.first
  }

  private func refusal(_ option: String, _ expected: String, _ found: String) -> RecoveryError {
    .invalidOption(name: "--\(option)", value: found.oneLine(), expected: expected)
  }
}
