import SparseRecovery

/// Which of two values of a target is 1 in logistic regression, and which is 0.
struct BinaryLabels: Codable, Equatable {
  let zero: String
  let one: String

  /// Two levels in ascending order.
  ///
  /// - Precondition: two of them.
  init(_ levels: [String]) { (zero, one) = (levels[0], levels[1]) }

  /// Two numbers that are not 0 and 1, in ascending order; nil for any other numbers.
  ///
  /// - Parameter weights: rows of weight 0 may hold anything.
  init?(of numbers: [Double], weights: [Double]?) {
    let present = numbers.indices.filter { i in
      weights.map { $0.indices.contains(i) && $0[i] > 0 } ?? true
    }
    var values: Set<Double> = []
    for i in present where values.count < 3 { values.insert(numbers[i]) }
    guard values.count == 2, values != [0, 1], values.allSatisfy(\.isFinite) else { return nil }
    self.init(values.sorted().map(Self.text))
  }

  /// 0 and 1 in the place of these labels; what is neither stays.
  func numbers(for observed: [Double]) -> [Double] {
    observed.map { Self.text($0) == zero ? 0 : Self.text($0) == one ? 1 : $0 }
  }

  /// Whether both are numbers.
  var areNumbers: Bool { Double(zero) != nil && Double(one) != nil }

  /// What is said of them, with the name of the target.
  func notice(of target: String) -> String {
    "\(target.oneLine(limit: 80)): \(TableColumns.quoted(one, limit: 40)) is 1, "
      + "\(TableColumns.quoted(zero, limit: 40)) is 0"
  }

  /// A number as a label: whole ones without a fraction.
  private static func text(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}
