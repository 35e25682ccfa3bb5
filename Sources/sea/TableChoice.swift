import Arguments
import SparseRecovery

/// One text table in the place of A and y, as asked for on the command line.
struct TableChoice {
  /// The options that say which column is what, and name the table.
  static let options = OptionGroup(
    "Problem in one table",
    [
      Option(
        "table", .file,
        help: "A text table with A and y, in the place of --matrix and --observation",
        details: """
          Every column is one of A but those named by --target, --weights, --drop and --index. Columns are named as \
          for --include; indices count all columns of the table.
          """)
    ] + roles() + [missing])

  /// The options that say which column is what.
  ///
  /// - Parameter isRequired: whether there is always a table, which needs a target.
  static func roles(isRequired: Bool = false) -> [Option] {
    [
      Option(
        "target", .text, placeholder: "column", help: "The column of the table that is y",
        isRequired: isRequired),
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
    ]
  }

  /// The option that says what becomes of cells without a value.
  static let missing = Option(
    "missing", .choice(of: MissingCells.self), default: MissingCells.refused.rawValue,
    help: "What becomes of cells of the table that are empty, NA or nan",
    details: """
      drop: their rows are left out. mean: they are filled with the mean of their column, weighted as the rows are; a row \
      without a target or a weight is left out.
      """)

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  /// Reads the table, with the weights that `--weights` names as a column or a file.
  func read(_ files: InputFiles) throws -> DataTable {
    let file = try files.table(arguments.text("table"))
    var roles = try roles(of: file)
    if roles.weights == nil {
      roles.givenWeights = try arguments.text(ifGiven: "weights").map { try files.vector($0) }
    }
    let table = try DataTable(file, roles)
    files.note(table.notices)
    return table
  }

  /// What each column of a table is.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``.
  func roles(of file: TableFile) throws(RecoveryError) -> DataTable.Roles {
    let columns = file.columns
    let target = try columns.index(arguments, "target") ?? 0
    var roles = DataTable.Roles(target: target)
    roles.weights = try arguments.text(ifGiven: "weights").flatMap {
      (name) throws(RecoveryError) in try column("weights", name, columns)
    }
    for (option, name) in FoldChoice.labelNames(arguments) {
      roles.labels[option] = try column(option, name, columns)
    }
    roles.dropped = Set(try columns.indices(arguments, "drop"))
    if let index = try columns.index(arguments, "index") { roles.dropped.insert(index) }
    roles.categorical = Set(try columns.indices(arguments, "categorical"))
    roles.leavesBaseOut = ["intercept", "standardize"].contains(where: isOn)
    roles.missing = arguments.choice("missing")
    roles.mayTargetBeWords = LossChoice(arguments).name == .logistic
    roles.advice = TableAdvice(arguments, of: file, target: target, weights: roles.weights)
    try refuseTwoRoles(roles, columns)
    return roles
  }

  /// Whether the command has a flag, and it is on.
  private func isOn(_ flag: String) -> Bool {
    arguments.command.options.contains { $0.name == flag } && arguments.flag(flag)
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
    for (option, _) in FoldChoice.labelNames(arguments) {
      try take(option, roles.labels[option].map { [$0] } ?? [], "the labels of --\(option)")
    }
    // A column that is dropped twice is none the worse, nor is one of labels, which is not looked at either.
    let index = try columns.indices(arguments, "index")
    let labels = Set(roles.labels.values)
    try take("index", index.filter { !labels.contains($0) }, "the index")
    try take("drop", roles.dropped.subtracting(index).subtracting(labels).sorted(), "dropped")
    try take("categorical", roles.categorical.sorted(), "categorical")
  }

  /// Columns of A that an option names, which must be among those to choose from: columns of the table with all their
  /// levels, and single levels as `name=level`.
  func candidates(_ option: String, of table: DataTable) throws(RecoveryError) -> Set<Int> {
    guard let text = arguments.text(ifGiven: option) else { return [] }
    let levels = table.sources.indices.filter { table.sources[$0].level != nil }
      .compactMap { table.columns.names?[$0] }
    var candidates: Set<Int> = []
    for item in ColumnList(text, in: table.file).items {
      // A column of the table may be called like a level.
      if table.file.places(of: item.name).isEmpty, let place = table.indicator(called: item.name) {
        candidates.insert(place)
        continue
      }
      for j in try table.file.indices(of: item, text, option, others: levels) {
        let places = table.places(of: j)
        guard !places.isEmpty else {
          let role =
            j == table.roles.target
            ? "the target"
            : j == table.roles.weights
              ? "the weights"
              : table.roles.labels.values.contains(j)
                ? "a column of labels" : "a column left out"
          throw refusal(
            option, "columns to choose from", "\(table.file.label(j)), which is \(role)")
        }
        candidates.formUnion(places)
      }
    }
    return candidates
  }

  /// The column that an option names, or nil where it names a file.
  private func column(
    _ option: String, _ name: String, _ columns: TableColumns
  ) throws(RecoveryError) -> Int? {
    let places = columns.places(of: name)
    if places.count > 1 {
      throw refusal(
        option, "the name of one column, or of a file as ./\(name)",
        "'\(name)', columns \(places.map(String.init).joined(separator: ", "))")
    }
    if places.isEmpty, name != "-", let names = columns.names, !AtomicFile.exists(name) {
      let near = nearest(3, to: name, among: names.filter { !$0.isEmpty })
      throw refusal(
        option, "a column of the table or a file",
        "'\(name)'; the nearest names are \(near.map { $0.oneLine() }.joined(separator: ", "))"
      )
    }
    return places.first
  }

  private func refusal(_ option: String, _ expected: String, _ found: String) -> RecoveryError {
    .invalidOption(name: "--\(option)", value: found.oneLine(), expected: expected)
  }
}

extension TableAdvice {
  /// What options of a command may help.
  ///
  /// - Parameters:
  ///   - target: the column explained.
  ///   - weights: the column of weights, if one is.
  init(_ arguments: ParsedArguments, of file: TableFile, target: Int, weights: Int? = nil) {
    self.init()
    let options = arguments.command.options
    func has(_ name: String) -> Bool { options.contains { $0.name == name } }
    if case .choice(let names) = options.first(where: { $0.name == "missing" })?.kind {
      values = Self.values(names)
    }
    let text =
      " (--drop leaves a column out"
      + (has("categorical") ? ", --categorical takes its levels)" : ")")
    for j in 0..<file.columns.count where j != target && j != weights { numbers[j] = text }
    if has("loss"), LossChoice(arguments).name == .squares {
      numbers[target] = " (--loss logistic takes two words)"
    }
    index = has("index") ? " (--index 0 leaves it out)" : " (--drop 0 leaves it out)"
  }

  /// What may help where a cell has no value.
  ///
  /// - Parameter choices: the names that `--missing` of the command takes.
  static func values(
    _ choices: [String] = MissingCells.allCases.map(\.rawValue)
  ) -> String {
    let others = choices.filter { $0 != MissingCells.refused.rawValue }.map { "--missing \($0)" }
    return " (\(others.joined(separator: " or ")) \(others.count == 1 ? "allows" : "allow") that)"
  }
}
