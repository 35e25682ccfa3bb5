import Glibc

/// One value for every factor: a way to use the package.
///
/// Its description names what differs from the plain values, and a row is made from it again: with
/// `CROSSING_ROW` set to a description, the tests try this row alone.
struct Row: Hashable, Sendable, LosslessStringConvertible {
  /// Every factor, in the order of `numbers`.
  static let factors = [
    FactorNames(Method.self), FactorNames(Start.self), FactorNames(GradientWay.self),
    FactorNames(Place.self), FactorNames(Digits.self), FactorNames(Weights.self),
    FactorNames(Centre.self), FactorNames(Ridge.self), FactorNames(Include.self),
    FactorNames(Exclude.self), FactorNames(Signs.self), FactorNames(Lengths.self),
    FactorNames(Observations.self), FactorNames(Kind.self), FactorNames(Sparsity.self),
    FactorNames(Entries.self), FactorNames(Search.self), FactorNames(Course.self),
    FactorNames(Rows.self), FactorNames(Minimised.self), FactorNames(Writing.self),
    FactorNames(Others.self), FactorNames(Groups.self),
  ]

  /// The place of the value of every factor among all its values.
  let numbers: [Int]

  init(_ numbers: [Int]) { self.numbers = numbers }

  /// The place of a factor among all.
  static func place<F: Factor>(of factor: F.Type) -> Int {
    factors.firstIndex { $0.name == F.name } ?? 0
  }

  /// The value of a factor.
  subscript<F: Factor>(factor: F.Type) -> F { F.allCases[numbers[Self.place(of: factor)]] }

  /// `method: omp; weights: random` and the like.
  var description: String {
    zip(Self.factors, numbers)
      .filter { $0.name == Method.name || $1 > 0 }
      .map { "\($0.name): \($0.values[$1])" }
      .joined(separator: "; ")
  }

  /// The row that a description names, or nil where it names none.
  init?(_ description: String) {
    var numbers = Self.factors.map { _ in 0 }
    for part in description.split(separator: "; ") {
      let words = part.split(separator: ": ", maxSplits: 1).map(String.init)
      guard words.count == 2,
        let place = Self.factors.firstIndex(where: { $0.name == words[0] }),
        let number = Self.factors[place].values.firstIndex(of: words[1])
      else { return nil }
      numbers[place] = number
    }
    self.numbers = numbers
  }

  /// A seed of its own, the same in every process (Fowler, Noll and Vo).
  var seed: UInt64 {
    description.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The row that `CROSSING_ROW` names.
  static var wanted: Row? {
    getenv("CROSSING_ROW").map { text in
      guard let row = Row(String(cString: text)) else {
        preconditionFailure("CROSSING_ROW names no row")
      }
      return row
    }
  }

  /// The seed that `CROSSING_SEED` names, for other rows; else that of the rows that are always tried.
  static var seed: UInt64 {
    getenv("CROSSING_SEED").flatMap { UInt64(String(cString: $0)) } ?? 41
  }
}
