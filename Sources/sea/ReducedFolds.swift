import Arguments
import SparseRecovery

/// Which fold every row of a table belongs to.
struct FoldDraw: Sendable {
  private enum Rule {
    /// The label in the column of --folds.
    case labels
    /// One of so many, by the number of the row, or by the label in the column of --fold-groups.
    case random(count: Int, isGrouped: Bool)
  }

  private let rule: Rule
  private let seed: UInt64

  /// What `--folds` asks for, or nil where it is not given.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` or ``UsageError``.
  init?(_ arguments: ParsedArguments, _ roles: TablePlan.Roles) throws {
    guard let folds = arguments.text(ifGiven: "folds") else { return nil }
    seed = arguments.natural("seed")
    for (option, text) in FoldChoice.labelNames(arguments) where roles.labels[option] == nil {
      throw RecoveryError.invalidOption(
        name: "--\(option)", value: text.oneLine(), expected: "a column of the table")
    }
    guard roles.labels["folds"] == nil else {
      guard !arguments.isGiven("fold-groups") else {
        throw UsageError.idleOption(
          option: "--fold-groups", needed: "a number of --folds, and not folds by label")
      }
      rule = .labels
      return
    }
    guard let count = Int(folds), count >= 2 else {
      throw RecoveryError.invalidOption(
        name: "--folds", value: folds.oneLine(), expected: "2 or more, or a column")
    }
    rule = .random(count: count, isGrouped: roles.labels["fold-groups"] != nil)
  }

  /// How many folds there may be.
  func count(_ plan: TablePlan) -> Int {
    switch rule {
    case .labels: plan.roles.labels["folds"].flatMap { plan.selection.levels[$0]?.count } ?? 1
    case .random(let count, _): count
    }
  }

  /// The folds of some rows, by name.
  ///
  /// - Parameters:
  ///   - labels: of each row, for every column of labels.
  ///   - first: the number of the first of them, over all tables.
  func folds(
    count: Int, first: Int, labels: [Int: [Int]], _ plan: TablePlan
  ) -> [String: [Int]] {
    func text(_ option: String, _ i: Int) -> String {
      guard let column = plan.roles.labels[option], let labels = labels[column] else { return "" }
      return plan.selection.levels[column]?[labels[i]] ?? ""
    }
    return Dictionary(grouping: 0..<count) { i in
      switch rule {
      case .labels: return text("folds", i)
      case .random(let count, let isGrouped):
        var index = first + i
        if isGrouped {
          var name = Checksum()
          name.add(bytes: text("fold-groups", i).utf8)
          index = Int(truncatingIfNeeded: name.value)
        }
        var generator = SeededGenerator(seed: seed, purpose: .folds, index: index)
        return "\(Int.random(in: 1...count, using: &generator))"
      }
    }
  }
}

/// Tables in few rows, one for each fold, that panels of large ones are taken into.
struct ReducedFolds {
  private let plan: TablePlan
  private let draw: FoldDraw?
  /// By the name of the fold; one without a name where there are no folds.
  private var tables: [String: ReducedTable] = [:]
  /// How many rows were read, those left out among them.
  private var seen = 0
  /// What was left out, a line for each file.
  private(set) var notices: [String] = []

  /// What one panel comes to.
  private struct Panel: Sendable {
    let tables: [String: ReducedTable]
    let rows: Int
    let droppedLines: [Int]
  }

  init(_ plan: TablePlan, _ draw: FoldDraw?) {
    self.plan = plan
    self.draw = draw
  }

  /// How many rows of positive weight were taken in.
  var rows: Int { tables.values.reduce(0) { $0 + $1.rows } }
  /// How many rows they became.
  var count: Int { tables.count * width }
  /// N, the rows of one fold.
  private var width: Int { plan.sources.count + 2 }

  /// Takes all rows of a table in, panel after panel.
  ///
  /// - Parameter progress: gets how many rows were taken in.
  /// - Throws: ``FileError``, also for other columns than those of the first table, and ``RecoveryError``.
  mutating func add(
    _ file: TableFile, _ plan: TablePlan, _ progress: (Int) -> Void
  ) throws {
    let (columns, first) = (plan.columns, self.plan.columns)
    guard columns.count == first.count, columns.names == first.names else {
      let other = (0..<min(columns.count, first.count)).first {
        columns.label($0) != first.label($0)
      }
      throw FileError.malformed(
        path: file.path, position: nil,
        expected: "the \(first.count) columns to choose from of the first table"
          + (other.map { ", \(first.label($0)) among them" } ?? ""),
        found: other.map { "\(columns.label($0)) in its place" } ?? "\(columns.count)")
    }
    let (draw, base) = (draw, seen)
    var (dropped, lines) = (0, [Int]())
    try file.forEachPanel(plan.selection, bytes: panelBytes(file, plan)) { contents, first in
      try Self.reduce(contents, plan, draw, path: file.path, first: base + first)
    } take: { panel in
      for (fold, table) in panel.tables {
        try tables[fold, default: ReducedTable(columns: plan.sources.count)].add(table)
      }
      seen += panel.rows + panel.droppedLines.count
      dropped += panel.droppedLines.count
      lines += panel.droppedLines.prefix(max(5 - lines.count, 0))
      progress(rows)
    }
    notices += file.dropped(dropped, first: lines).map { "\(file.path.oneLine()): \($0)" }
  }

  /// A panel is reduced, 2 · m · N² flops, and its triangles are taken into those of before, 2 · N³ for each fold: these
  /// are to be few beside it.
  private func panelBytes(_ file: TableFile, _ plan: TablePlan) -> Int {
    let rowBytes = max(file.byteCount / max(file.rows, 1), 1)
    let folds = min(draw?.count(plan) ?? 1, file.rows)
    return min(max(16 << 20, 8 * width * folds * rowBytes), 256 << 20)
  }

  private static func reduce(
    _ contents: TableContents, _ plan: TablePlan, _ draw: FoldDraw?, path: String, first: Int
  ) throws -> Panel {
    let count = contents.kept.count
    guard count > 0 else {
      return Panel(tables: [:], rows: 0, droppedLines: contents.kept.droppedLines)
    }
    let rows = try plan.rows(of: contents, path: path)
    let folds =
      draw?.folds(count: count, first: first, labels: rows.labels, plan)
      ?? ["": Array(0..<count)]
    var tables: [String: ReducedTable] = [:]
    for (fold, chosen) in folds {
      var table = ReducedTable(columns: plan.sources.count)
      do throws(RecoveryError) {
        try table.add(
          rows.matrix, observations: [rows.target], weights: rows.weights, rows: chosen)
      } catch {
        throw BlamedError(path: path, error: error)
      }
      tables[fold] = table
    }
    return Panel(tables: tables, rows: count, droppedLines: contents.kept.droppedLines)
  }

  /// Refuses what is no smaller than it was, and folds without rows.
  ///
  /// - Throws: ``FileError``.
  func check(_ files: [TableFile]) throws(FileError) {
    let empty = tables.filter { $0.value.rows == 0 }.keys.sorted()
    guard rows > 0 else { throw files[0].noRows }
    guard empty.isEmpty, draw == nil || tables.count > 1 else {
      throw .malformed(
        path: files[0].path, position: nil, expected: "rows in two folds at least",
        found: "\(tables.count - empty.count) with rows of positive weight")
    }
    guard rows > count else {
      throw .malformed(
        path: files[0].path, position: nil,
        expected: "more than \(count) rows, which it would be reduced to", found: "\(rows)")
    }
  }

  /// Σ wᵢ over the number of rows.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a sum that overflows.
  func meanWeight() throws(RecoveryError) -> Double {
    let folds = tables.sorted { $0.key < $1.key }
    let total = folds.reduce(0) { $0 + $1.value.totalWeight }
    guard total.isFinite else { throw RecoveryModel.weightOverflow }
    return total / Double(rows)
  }

  /// The lines of the table to write, that of names first.
  ///
  /// - Parameter unit: what weights are divided by.
  func lines(_ names: ReducedNames, weightsIn unit: Double) throws(RecoveryError) -> [[String]] {
    var lines = [names.line]
    for (fold, table) in tables.sorted(by: { $0.key < $1.key }) {
      let contents = try table.contents()
      let weight = "\(contents.weight / unit)"
      for i in 0..<contents.matrix.rows {
        lines.append(
          (0..<contents.matrix.columns).map { "\(contents.matrix[i, $0])" }
            + ["\(contents.observations[0][i])", weight] + (draw == nil ? [] : [fold]))
      }
    }
    return lines
  }
}
