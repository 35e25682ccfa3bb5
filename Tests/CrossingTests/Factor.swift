/// One decision that every row makes. The first of its values is the plain one.
protocol Factor: CaseIterable, RawRepresentable<String>, Hashable, Sendable
where AllCases == [Self] {
  /// What rows call it.
  static var name: String { get }
}

/// A factor without its type: how a covering sees it.
struct FactorNames: Sendable {
  /// What rows call the factor.
  let name: String
  /// Its values, the plain one first.
  let values: [String]

  init<F: Factor>(_ factor: F.Type) {
    name = F.name
    values = F.allCases.map(\.rawValue)
  }
}
