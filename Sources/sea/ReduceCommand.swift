import Arguments
import SparseRecovery

/// `sea reduce`: tables that may be larger than memory in, a table of few rows with the same least squares out.
struct ReduceCommand {
  /// What `sea reduce` understands.
  static let table = Command(
    name: "reduce", summary: "Make a table of few rows with the same least squares as a large one",
    description: """
      Reads text tables panel after panel, so that they may be larger than memory, and writes one with as many rows as it \
      has numbers a row: every support has the same coefficients and the same loss there, with an intercept or without. \
      The line 'next' says how it is solved, and 'ridge' what to divide λ by where weights were divided. With --folds it has \
      as many rows for each fold, for cross-validation by label; draws of rows need the rows themselves. Tables reduced on \
      several machines are reduced together in the same way.
      """,
    examples: [
      Example(
        "A large table, for a path with ten-fold cross-validation",
        "sea reduce --table sales.csv --target price --drop id --folds 10 --output small.csv"),
      Example(
        "Two tables of other machines, each of which was reduced there",
        "sea reduce --table one.csv --with two.csv --target price --weights weight --frequency-weights -o all.csv"
      ),
    ],
    groups: [
      OptionGroup(
        "Problem",
        [
          Option("table", .file, help: "A text table with A and y", isRequired: true),
          Option(
            "with", letter: "w", .file, help: "Another table with the same columns",
            isRepeatable: true),
        ]),
      OptionGroup("Text tables", InputFiles.options),
      OptionGroup(
        "Columns",
        TableChoice.roles(isRequired: true) + [
          Option("weights", .text, placeholder: "column", help: "The column of weights of rows"),
          frequencyWeights,
          Option(
            "intercept", .flag,
            help: "Leave the first level of categorical columns out, to solve with an intercept"),
          Option(
            "missing", .choice([MissingCells.refused, .dropped].map(\.rawValue)),
            default: MissingCells.refused.rawValue,
            help: "What becomes of rows in which a cell is empty, NA or nan"),
        ]),
      OptionGroup(
        "Folds",
        [
          Option(
            "folds", .text, placeholder: "count|column",
            help:
              "Keep the rows of every fold apart: so many, drawn at random, or a column of labels"),
          Option(
            "fold-groups", .text, placeholder: "column",
            help: "Keep rows with one label in one fold, such as those of one patient"),
          Option(
            "seed", .natural, default: "1", help: "What the folds are drawn from"),
        ]),
      OptionGroup(
        "Output",
        [
          Option(
            "output", letter: "o", .file, help: "The table to write, .csv or .tsv",
            isRequired: true),
          OutputFiles.option,
          Option("quiet", letter: "q", .flag, help: "Write no progress and no result"),
        ]),
    ])

  /// The option that says that weights count rows.
  static let frequencyWeights = Option(
    "frequency-weights", .flag,
    help: "Weights say how many rows a row stands for, as criteria count them")

  private let arguments: ParsedArguments
  private let inputs: InputFiles

  init(_ arguments: ParsedArguments) {
    self.arguments = arguments
    inputs = InputFiles(arguments)
  }

  func run() throws {
    let output = arguments.text("output")
    try OutputFiles(arguments).check(["output"], of: arguments, output: [".csv", ".tsv"])
    for path in [arguments.text("table")] + arguments.texts("with")
    where path != "-" && FileStatus.place(of: path) == FileStatus.place(of: output) {
      throw FileError.cannotWrite(path: output, reason: "it is one of the tables")
    }
    let files = try ([arguments.text("table")] + arguments.texts("with")).map(inputs.table)
    let plans = try files.map { file in
      try TablePlan(file, TableChoice(arguments).roles(of: file))
    }
    let hasIntercept = arguments.flag("intercept")
    let folds = try FoldDraw(arguments, plans[0].roles)
    var reduced = ReducedFolds(plans[0], folds)
    for (file, plan) in zip(files, plans) { try reduced.add(file, plan, progress) }
    if Console.isWatched, !arguments.flag("quiet") { Console.status("") }
    try reduced.check(files)
    // So that they count rows.
    let unit =
      arguments.isGiven("weights") && !arguments.flag("frequency-weights")
      ? try reduced.meanWeight() : 1
    let names = ReducedNames(plans[0], hasFolds: folds != nil)
    try MatrixFile.write(
      rows: reduced.lines(names, weightsIn: unit), to: output,
      replacing: OutputFiles(arguments).areReplaced)
    guard !arguments.flag("quiet") else { return }
    for line in inputs.notices + files.flatMap(\.notices) + reduced.notices {
      Console.error("sea: note: \(line)")
    }
    try Console.write(
      ResultText.lines(
        [
          ("table", "\(output.oneLine()): \(reduced.count) rows for \(reduced.rows)"),
          ("next", names.command(output) + (hasIntercept ? " --intercept" : "")),
        ]
          + (unit == 1
            ? []
            : [
              (
                "ridge",
                "divide λ of --ridge by \(unit), the mean of the weights, by which they were divided"
              )
            ])))
  }

  /// Says how many rows were taken in.
  private func progress(_ rows: Int) {
    guard Console.isWatched, !arguments.flag("quiet") else { return }
    Console.status("\(rows) rows")
  }
}

/// What the columns of a reduced table are called.
struct ReducedNames {
  /// The columns to choose from.
  let columns: [String]
  let target: String
  let weight: String
  /// Nil where there are no folds.
  let fold: String?

  init(_ plan: TablePlan, hasFolds: Bool) {
    func named(_ name: String, _ j: Int) -> String { name.isEmpty ? "column\(j)" : name }
    columns = plan.sources.indices.map { j in
      named(plan.columns.names?[j] ?? "", plan.sources[j].index)
    }
    target = named(plan.file.names?[plan.roles.target] ?? "", plan.roles.target)
    var taken = Set(columns + [target])
    func free(_ name: String) -> String {
      var free = name
      while !taken.insert(free).inserted { free += "_" }
      return free
    }
    weight = free("weight")
    fold = hasFolds ? free("fold") : nil
  }

  var line: [String] { columns + [target, weight] + (fold.map { [$0] } ?? []) }

  /// How a table under these names is solved.
  func command(_ path: String) -> String {
    let header = line.contains { Double($0) != nil } ? " --header" : ""
    let columns =
      "--table \(CommandWords.quoted(path))\(header) --target \(targetWord) "
      + "--weights \(CommandWords.quoted(weight)) --frequency-weights"
    let most = self.columns.count
    return fold.map {
      "sea path \(columns) --criterion cv --folds \(CommandWords.quoted($0)) -k \(min(20, most))"
    } ?? "sea solve \(columns) -k \(min(10, most))"
  }

  /// The target as the option takes it: in quotes where it might be an index, a list or an option.
  private var targetWord: String {
    let item = TableColumns.quoted(target)
    let isName = target.first.map { $0.isLetter || $0 == "_" } ?? false
    return CommandWords.quoted(isName || item != target ? item : "\"\(target)\"")
  }
}
