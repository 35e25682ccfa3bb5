import Arguments
import SparseRecovery

/// `sea predict`: a model and a table in, predictions out.
struct PredictCommand {
  /// What `sea predict` understands.
  static let table = Command(
    name: "predict", summary: "Apply a model to the rows of a table",
    description: """
      Reads a model that --model-output of 'sea solve' or 'sea path' wrote, and a text table with the columns \
      that it needs. Columns are found by name, and others are not looked at. Where the model has no names they are \
      found by index, in a table with as many columns as it was fitted to, its target included or not. A model of logistic regression predicts the probability of the label that is 1, one of Poisson \
      regression the mean. Where the table has the column that the model explains, the error is said: RMSE, the root of \
      the mean square of the differences, and R², 1 less the share of the variance that they leave; for labels the share \
      that is right, the log loss and the area under the ROC curve; for counts the mean deviance.
      """,
    examples: [
      Example(
        "Fit a model, and apply it to other rows",
        "sea solve --table houses.csv --target price --drop id -k 5 --intercept --model-output model.json"
      ),
      Example(
        "One prediction a line, for the rows of another table",
        "sea predict --model model.json --table new.csv --output predictions.csv"),
    ],
    groups: [
      OptionGroup(
        "Input",
        [
          Option("model", .file, help: "The model", isRequired: true),
          Option("table", .file, help: "The text table", isRequired: true),
          Option(
            "missing", .choice(of: MissingCells.self), default: MissingCells.refused.rawValue,
            help: "What becomes of cells of the table that are empty, NA or nan",
            details: """
              drop: their rows are left out, so that there are fewer predictions than rows. mean: they are filled with \
              the mean that their column had where the model was fitted.
              """),
        ]),
      OptionGroup("Text tables", InputFiles.options),
      OptionGroup(
        "Output",
        [
          Option(
            "output", letter: "o", .file,
            help: "Write one prediction a line to this .npy, .csv, .tsv, .mtx or .mat file"),
          OutputFiles.option,
          Option("json", letter: "j", .flag, help: "Write the result as one JSON object"),
          Option("quiet", letter: "q", .flag, help: "Do not show the result as text"),
        ]),
    ])

  private let arguments: ParsedArguments
  private let files: OutputFiles

  init(_ arguments: ParsedArguments) {
    self.arguments = arguments
    files = OutputFiles(arguments)
  }

  func run() throws {
    try files.check(["output"], of: arguments, output: MatrixFile.writtenEndings)
    let inputs = InputFiles(arguments)
    let model = try FittedModel(arguments.text("model"), inputs)
    let table = try inputs.table(arguments.text("table"))
    let report = try PredictionReport(model, table, missing: arguments.choice("missing"))
    try OutputFiles.writeAll([
      {
        if arguments.flag("json") {
          try Console.write(json: report)
        } else if !arguments.flag("quiet") {
          try Console.write(report.text(showsAll: !arguments.isGiven("output")))
        }
      },
      {
        guard let path = arguments.text(ifGiven: "output") else { return }
        try MatrixFile.write(report.predictions, to: path, replacing: files.areReplaced)
      },
    ])
  }
}

/// What `sea predict` says, in text or in JSON.
struct PredictionReport {
  /// What is expected of the target: A x and the intercept, a probability or a mean.
  let predictions: [Double]
  /// A x and the intercept, where that is something else.
  private let linearPredictors: [Double]?
  /// What is 1 and what is 0, where that was said of the labels.
  private let labels: BinaryLabels?
  private let loss: any Loss
  /// What was predicted, where that has a name.
  private let target: String?
  /// Where the table has the column explained.
  private let error: PredictionError?
  private let notices: [String]

  /// Applies a model.
  ///
  /// - Throws: ``FileError`` for columns that are not there and cells that are no numbers.
  init(_ model: FittedModel, _ table: TableFile, missing: MissingCells) throws(FileError) {
    let (linear, contents) = try model.predictions(for: table, missing: missing)
    (loss, labels) = (model.minimized, model.loss?.labels)
    predictions = linear.map(loss.mean(at:))
    linearPredictors = loss.isHalfDeviance ? linear : nil
    if let i = predictions.firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        path: table.path, position: nil, expected: "predictions within the largest double",
        found: "\(predictions[i]) in row \(i)")
    }
    target = model.target?.name
    var notices =
      table.notices + model.notices(about: table)
      + (contents.map { table.notices(about: $0, model.termColumns) } ?? [])
    do throws(FileError) {
      error = try model.error(of: linear, contents?.kept, in: table)
    } catch {
      // Of rows to predict, what they come to may be unknown.
      self.error = nil
      notices.append("predictions were not compared: \(error)")
    }
    self.notices = notices
  }

  /// The result for a person.
  ///
  /// - Parameter showsAll: whether the predictions are shown.
  func text(showsAll: Bool) -> String {
    let name = target.map { " of \(TableColumns.quoted($0))" } ?? ""
    var lines = [(name: "rows", value: "\(predictions.count)\(name)")]
    if showsAll {
      func shown(_ numbers: [Double], _ where: String) -> String {
        ResultText.list(numbers.prefix(10).map { $0.significant(6) })
          + (numbers.count > 10 ? ", … (\(`where`) all)" : "")
      }
      let predicted = shown(predictions, "--output and --json have")
      lines.append((meaning.name, meaning.prefix + predicted))
      if let linearPredictors {
        lines.append(("linear predictor", shown(linearPredictors, "--json has")))
      }
    }
    if let error { lines.append(("error", "\(error.sentence), \(error.rows) rows")) }
    lines += notices.map { ("notice", $0) }
    return ResultText.lines(lines)
  }
}

extension PredictionReport {
  /// What predictions are.
  private var meaning: (name: String, prefix: String) {
    if loss is LogisticLoss {
      return ("probabilities", "of \(labels?.one.oneLine(limit: 40) ?? "1"): ")
    }
    return (loss.isHalfDeviance ? "means" : "predictions", "")
  }
}

extension PredictionReport: Encodable {
  private enum Key: String, CodingKey {
    case schemaVersion, rows, target, predictions, linearPredictors, loss, labels, rowsCompared,
      rmse,
      rSquared, meanDeviance, accuracy, logLoss, auc, notices
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(1, forKey: .schemaVersion)
    try object.encode(predictions.count, forKey: .rows)
    try object.encodeIfPresent(target, forKey: .target)
    try object.encode(predictions, forKey: .predictions)
    try object.encodeIfPresent(error?.rows, forKey: .rowsCompared)
    try object.encodeIfPresent(error?.rmse, forKey: .rmse)
    if !(loss is SquaredLoss) { try object.encode(loss.name, forKey: .loss) }
    try object.encodeIfPresent(linearPredictors?.finite, forKey: .linearPredictors)
    try object.encodeIfPresent(labels, forKey: .labels)
    try object.encodeIfPresent(error?.rSquared, forKey: .rSquared)
    try object.encodeIfPresent(error?.meanDeviance, forKey: .meanDeviance)
    try object.encodeIfPresent(error?.accuracy, forKey: .accuracy)
    try object.encodeIfPresent(error?.logLoss, forKey: .logLoss)
    try object.encodeIfPresent(error?.auc, forKey: .auc)
    try object.encode(notices, forKey: .notices)
  }
}
