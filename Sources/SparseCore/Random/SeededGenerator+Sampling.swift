extension SeededGenerator {
  /// An integer uniform on 0 ..< `bound`, without bias.
  ///
  /// The high half of a 128-bit product is uniform once the few products are drawn again whose low
  /// half would favour some integers (Lemire 2019).
  public mutating func int(below bound: Int) -> Int {
    precondition(bound > 0, "no integer is below \(bound)")
    let range = UInt64(bound)
    let biased = (0 &- range) % range
    while true {
      let product = range.multipliedFullWidth(by: next())
      if product.low >= biased { return Int(product.high) }
    }
  }

  /// `count` distinct integers of 0 ..< `total` in ascending order, every subset equally likely.
  ///
  /// O(count · log count) time and O(count) memory, whatever the total (Floyd's algorithm).
  public mutating func sample(_ count: Int, of total: Int) -> [Int] {
    precondition(count >= 0 && count <= total, "cannot choose \(count) of \(total)")
    var chosen = Set<Int>(minimumCapacity: count)
    for last in (total - count)..<total {
      let candidate = int(below: last + 1)
      if !chosen.insert(candidate).inserted { chosen.insert(last) }
    }
    return chosen.sorted()
  }

  /// `elements` in random order, every order equally likely (Fisher and Yates).
  package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var elements = elements
    for i in elements.indices.dropFirst().reversed() { elements.swapAt(i, int(below: i + 1)) }
    return elements
  }
}
