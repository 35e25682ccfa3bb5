import SparseCore

/// How rows are dealt out to the folds of a cross-validation.
public struct FoldPlan: Sendable, Equatable {
  /// K, from 2 to the number of rows, or of groups.
  public var count: Int
  /// The name of the random order in which rows are dealt out.
  public var seed: UInt64
  /// How often they are dealt out, each time in another order: R · K folds.
  public var repeats = 1
  /// A label for each row, or nil: rows of one label are held out together.
  public var groups: [Int]?
  /// The folds themselves, by a label for each row and repetition, or nil to deal them out: nothing else counts then.
  public var labels: [[Int]]?

  /// K folds of rows in an order of their own.
  public init(_ count: Int = 10, seed: UInt64 = 1) {
    self.count = count
    self.seed = seed
  }

  /// The folds that labels name: one for each row, and a list of them for each repetition.
  public init(labels: [[Int]]) {
    self.init()
    self.labels = labels
  }

  /// Whether rows depend on nothing but their number and the seed.
  fileprivate var isPlain: Bool { repeats == 1 && groups == nil && labels == nil }

  /// What a checkpoint is to be told of it.
  var facts: [ProblemFact] {
    let plain = [ProblemFact("folds", "\(count)"), ProblemFact("seed", "\(seed)")]
    guard !isPlain else { return plain }
    return plain + [
      ProblemFact("repeats", "\(repeats)"), ProblemFact("groups", hashOf: "\(groups ?? [])"),
      ProblemFact("fold labels", hashOf: "\(labels ?? [])"),
    ]
  }
}

/// The rows that every fold of a cross-validation holds out.
public struct Folds: Sendable, Equatable {
  /// The rows of each fold in ascending order, those of one repetition after those of another.
  public let heldOut: [[Int]]
  /// How many folds each repetition has.
  public let counts: [Int]

  /// Deals out `rows`.
  ///
  /// - Parameters:
  ///   - rows: those that take part, of `total`.
  ///   - needed: how many rows every fold must keep.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for fewer than two folds, more than rows or
  ///   groups, labels for another number of rows, and where a fold keeps fewer rows than needed.
  init(
    _ plan: FoldPlan, of rows: [Int], total: Int, needed: Int
  ) throws(RecoveryError) {
    var repetitions: [[[Int]]] = []
    if let labels = plan.labels {
      for (number, labels) in labels.enumerated() {
        let place = plan.labels.map { $0.count > 1 ? " of repetition \(number + 1)" : "" } ?? ""
        try Self.requireLength(labels, total, "folds", place)
        let folds = Self.sorted(rows, by: labels)
        guard folds.count > 1 else {
          throw .invalidOption(
            name: "folds", value: "\(folds.count) label\(place)",
            expected: "at least two different labels on the rows that take part")
        }
        repetitions.append(folds)
      }
    } else {
      guard plan.repeats >= 1 else {
        throw .invalidOption(
          name: "fold-repeats", value: "\(plan.repeats)", expected: "a number from 1 on")
      }
      if let groups = plan.groups { try Self.requireLength(groups, total, "fold-groups", "") }
      let items = plan.groups.map { Self.sorted(rows, by: $0) } ?? rows.map { [$0] }
      guard plan.count >= 2, plan.count <= items.count else {
        throw .invalidOption(
          name: "folds", value: "\(plan.count)",
          expected:
            "a number from 2 to \(items.count), the \(plan.groups == nil ? "rows" : "groups") that take part"
        )
      }
      for number in 0..<plan.repeats {
        // The first order is that of the seed, with repetitions or without.
        var generator =
          number == 0
          ? SeededGenerator(seed: plan.seed)
          : SeededGenerator(seed: plan.seed, purpose: .folds, index: number)
        repetitions.append(Self.dealt(items, to: plan.count, &generator))
      }
    }
    heldOut = repetitions.flatMap(\.self)
    counts = repetitions.map(\.count)
    let kept = rows.count - (heldOut.map(\.count).max() ?? 0)
    guard kept >= needed, kept > 0 else {
      throw .invalidOption(
        name: "folds", value: "\(counts.max() ?? 0), which keep \(kept) rows",
        expected: "folds that keep at least \(max(needed, 1)) rows for the largest sparsity")
    }
  }

  /// The folds of each repetition, which hold out every row that takes part once.
  var repetitions: [[[Int]]] {
    var first = 0
    return counts.map { count in
      defer { first += count }
      return Array(heldOut[first..<first + count])
    }
  }

  /// The fold of every row, counted from zero, for each repetition; nil for rows that take no part.
  public func assignment(rows: Int) -> [[Int?]] {
    repetitions.map { repetition in
      var folds = [Int?](repeating: nil, count: rows)
      for (fold, heldOut) in repetition.enumerated() {
        for i in heldOut { folds[i] = fold }
      }
      return folds
    }
  }

  private static func requireLength(
    _ labels: [Int], _ total: Int, _ name: String, _ place: String
  ) throws(RecoveryError) {
    guard labels.count == total else {
      throw .invalidOption(
        name: name, value: "\(labels.count) labels\(place)",
        expected: "\(total) labels, one for each row")
    }
  }

  /// The rows of each label, by ascending label.
  private static func sorted(_ rows: [Int], by labels: [Int]) -> [[Int]] {
    Dictionary(grouping: rows) { labels[$0] }.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Items in random order, the largest first, each to the first of the folds that have the fewest rows. Single rows
  /// go round the folds so.
  private static func dealt(
    _ items: [[Int]], to count: Int, _ generator: inout SeededGenerator
  ) -> [[Int]] {
    let shuffled = generator.shuffled(items)
    // Stable, so that the order among groups of one size is the random one.
    let order = shuffled.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }
    var folds = [[Int]](repeating: [], count: count)
    for item in order.map(\.element) {
      let place = folds.indices.min { folds[$0].count < folds[$1].count } ?? 0
      folds[place] += item
    }
    return folds.map { $0.sorted() }
  }
}
