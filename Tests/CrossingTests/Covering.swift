import SparseRecovery

/// Draws rows so that every pair of values is in some of them: the greedy way of Cohen, Dalal,
/// Fredman and Patton 1997, with rules (Cohen, Dwyer and Shi 2008).
struct Covering {
  /// A value of a factor, by their places.
  struct Value: Hashable {
    let factor: Int
    let number: Int
  }

  /// Two values of two factors, the factor of lower place first.
  struct Pair: Hashable {
    let first: Value
    let second: Value
  }

  private let rules: [Rule]
  private let sizes: [Int]
  private var generator: SeededGenerator
  private var counts: [Pair: Int] = [:]

  /// Rows that no rule matches.
  init(_ rules: [Rule], seed: UInt64) {
    self.rules = rules
    sizes = Row.factors.map(\.values.count)
    generator = SeededGenerator(seed: seed)
  }

  /// Every pair there is.
  static var pairs: [Pair] {
    let values = Row.factors.enumerated().map { place, factor in
      factor.values.indices.map { Value(factor: place, number: $0) }
    }
    return values.indices.flatMap { low in
      values.indices.dropFirst(low + 1).flatMap { high in
        values[low].flatMap { a in values[high].map { Pair(first: a, second: $0) } }
      }
    }
  }

  /// The pairs in one row.
  static func pairs(in row: [Int]) -> [Pair] {
    row.indices.flatMap { low in
      row.indices.dropFirst(low + 1).map { high in
        Pair(
          first: Value(factor: low, number: row[low]),
          second: Value(factor: high, number: row[high]))
      }
    }
  }

  /// Rows that hold every pair so many times, where any row can hold it.
  mutating func rows(times: Int) -> [Row] {
    var rows: [Row] = []
    for pair in generator.shuffled(Self.pairs) {
      while counts[pair, default: 0] < times, let row = row(holding: pair, times: times) {
        for held in Self.pairs(in: row) { counts[held, default: 0] += 1 }
        rows.append(Row(row))
      }
    }
    return rows
  }

  /// A row with this pair, of which as many other pairs as can be are still wanted.
  private mutating func row(holding pair: Pair, times: Int) -> [Int]? {
    var numbers = [Int?](repeating: nil, count: sizes.count)
    for value in [pair.first, pair.second] { numbers[value.factor] = value.number }
    let order = generator.shuffled(Array(sizes.indices)).filter { numbers[$0] == nil }
    let shuffles = sizes.map { generator.shuffled(Array(0..<$0)) }
    let counts = counts
    return completed(numbers, in: order[...]) { factor, numbers in
      // The value that makes most of the pairs wanted comes first.
      shuffles[factor].map { number in
        let gain = numbers.enumerated().count { place, other in
          guard let other else { return false }
          let (own, given) = (
            Value(factor: factor, number: number), Value(factor: place, number: other)
          )
          let pair =
            factor < place ? Pair(first: own, second: given) : Pair(first: given, second: own)
          return counts[pair, default: 0] < times
        }
        return (number, gain)
      }.sorted { $0.1 > $1.1 }.map(\.0)
    }
  }

  /// The plainest row with these values that no rule matches, or nil where there is none.
  func plainest(with values: [Value]) -> [Int]? {
    var numbers = [Int?](repeating: nil, count: sizes.count)
    for value in values { numbers[value.factor] = value.number }
    let order = sizes.indices.filter { numbers[$0] == nil }
    return completed(numbers, in: order[...]) { factor, _ in Array(0..<sizes[factor]) }
  }

  /// Values for the factors in `order`, tried as `ranking` has them: nil only where none will do.
  private func completed(
    _ numbers: [Int?], in order: ArraySlice<Int>, by ranking: (Int, [Int?]) -> [Int]
  ) -> [Int]? {
    guard !rules.contains(where: { $0.matches(numbers) }),
      order.allSatisfy({ factor in (0..<sizes[factor]).contains { fits($0, factor, numbers) } })
    else { return nil }
    guard let factor = order.first else { return numbers.compactMap(\.self) }
    for number in ranking(factor, numbers) where fits(number, factor, numbers) {
      var numbers = numbers
      numbers[factor] = number
      if let row = completed(numbers, in: order.dropFirst(), by: ranking) { return row }
    }
    return nil
  }

  private func fits(_ number: Int, _ factor: Int, _ numbers: [Int?]) -> Bool {
    var numbers = numbers
    numbers[factor] = number
    return !rules.contains { $0.matches(numbers) }
  }
}
