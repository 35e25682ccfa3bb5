import Arguments
import SparseRecovery

/// A and what is observed of it, as read from the files that the command line names: one for each, or one
/// table.
struct Design {
  /// A: a dense matrix, or a sparse one; the real form of it where it, or what is observed, is complex.
  let matrix: any LinearOperator
  /// What the columns of A are called.
  let columns: TableColumns
  /// The observations, of which a table has one.
  let observations: [[Double]]
  /// The groups that columns are selected in, where there are some.
  let groups: GroupChoice?
  /// What is fitted beside the columns of A.
  let model: RecoveryModel
  /// What is minimised.
  let loss: any Loss
  /// What the labels of each observation stand for, where they are not 0 and 1.
  let labels: [BinaryLabels?]
  /// The table, where there is one.
  let table: DataTable?

  init(_ arguments: ParsedArguments, _ files: InputFiles) throws {
    let choice = ModelChoice(arguments)
    let lossChoice = LossChoice(arguments)
    loss = try lossChoice.loss()
    guard arguments.isGiven("table") else {
      let read: any LinearOperator
      (read, columns) = try files.design(arguments.text("matrix"))
      let rows = read is ComplexMatrix ? read.rows / 2 : read.rows
      let observed = try files.observations(arguments.text("observation"), rows: rows)
      groups = try GroupChoice(arguments, columns, nil, files)
      let stated = choice.model(
        weights: try arguments.text(ifGiven: "weights").map { try files.vector($0) },
        included: Set(try columns.indices(arguments, "include")),
        excluded: Set(try columns.indices(arguments, "exclude")), groups: groups)
      try Self.requireWholeGroups(stated, columns)
      guard !(read is ComplexMatrix || observed.areComplex) else {
        try ComplexInput.check(arguments)
        matrix = try ComplexInput.realForm(of: read)
        observations = observed.parts
        model = try stated.realForm(rows: rows, columns: columns.count)
        labels = observations.map { _ in nil }
        table = nil
        return
      }
      (matrix, model) = (read, stated)
      let (given, weights) = (observed.numbers, model.weights)
      labels = given.map {
        lossChoice.name == .logistic ? BinaryLabels(of: $0, weights: weights) : nil
      }
      observations = zip(given, labels).map { $1?.numbers(for: $0) ?? $0 }
      let path = arguments.text("observation").oneLine()
      files.note(
        labels.enumerated().compactMap { place, labels in
          labels?.notice(of: given.count == 1 ? path : "\(path), column \(place)")
        })
      table = nil
      return
    }
    let tableChoice = TableChoice(arguments)
    let table = try tableChoice.read(files)
    matrix = table.matrix
    columns = table.columns
    let weights = table.weights
    let included = try tableChoice.candidates("include", of: table)
    let excluded = try tableChoice.candidates("exclude", of: table)
    if let j = included.intersection(excluded).min() {
      throw RecoveryError.invalidOption(
        name: "--include", value: columns.label(j),
        expected: "columns that are not excluded as well")
    }
    groups = try GroupChoice(arguments, columns, table, files)
    model = choice.model(
      weights: weights, included: included, excluded: excluded, groups: groups)
    try Self.requireWholeGroups(model, columns)
    let words = table.targetLevels.map { BinaryLabels($0) }
    let numbers =
      lossChoice.name == .logistic ? BinaryLabels(of: table.target, weights: weights) : nil
    labels = [words ?? numbers]
    observations = [
      words == nil ? numbers?.numbers(for: table.target) ?? table.target : table.target
    ]
    if let labels = labels[0] {
      files.note([labels.notice(of: table.file.label(table.roles.target))])
    }
    self.table = table
  }

  /// Refuses columns included that are a part of a group, with the name of one that lacks.
  private static func requireWholeGroups(
    _ model: RecoveryModel, _ columns: TableColumns
  ) throws(RecoveryError) {
    guard let lacking = model.columnLacking else { return }
    throw .invalidOption(
      name: "--include", value: "a part of one",
      expected: "whole groups, with \(columns.label(lacking))")
  }

  /// The path of the file that holds A.
  static func matrixPath(_ arguments: ParsedArguments) -> String {
    arguments.text(ifGiven: "table") ?? arguments.text("matrix")
  }

  /// The path of the file that holds the observations.
  static func observationPath(_ arguments: ParsedArguments) -> String {
    arguments.text(ifGiven: "table") ?? arguments.text("observation")
  }
}
