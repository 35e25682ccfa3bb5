import SparseCore

/// The best supports of a search with unlike losses, from which new walks start.
struct Elite: Sendable, Equatable {
  /// A support with its squared loss.
  struct Member: Sendable, Equatable {
    let support: [Int]
    let loss: Double
  }

  /// The best first.
  private(set) var members: [Member] = []
  /// How often the best loss was reached by searches that knew nothing of it.
  private(set) var hits = 0

  /// How many are kept.
  static var capacity: Int { 8 }
  /// What the best is replaced by, or two of the elite have apart, at random.
  private static var largeShare: Double { 0.3 }
  private static var smallShare: Double { 0.15 }

  /// None yet.
  init() {}

  /// The same with supports in other terms.
  func mapped(_ support: ([Int]) -> [Int]) -> Elite {
    var elite = self
    elite.members = members.map { Member(support: support($0.support), loss: $0.loss) }
    return elite
  }

  /// The best so far.
  var best: Member? { members.first }

  /// Whether two losses are those of one support, as far as rounding tells.
  static func isSame(_ loss: Double, _ other: Double) -> Bool {
    abs(loss - other) <= SwapWalk.leastChange * max(loss, other)
  }

  /// Whether a loss is smaller by more than rounding.
  static func isBetter(_ loss: Double, than other: Double) -> Bool {
    loss < other && !isSame(loss, other)
  }

  /// Takes in what a search found.
  ///
  /// - Parameter isIndependent: whether it began from nothing that was known.
  mutating func insert(_ support: [Int], _ loss: Double, isIndependent: Bool = false) {
    guard loss.isFinite else { return }
    if let best, Self.isBetter(loss, than: best.loss) { hits = 0 }
    if isIndependent, best.map({ Self.isSame($0.loss, loss) || loss < $0.loss }) ?? true {
      hits += 1
    }
    guard !members.contains(where: { Self.isSame($0.loss, loss) }) else { return }
    let place = members.firstIndex { loss < $0.loss } ?? members.count
    members.insert(Member(support: support, loss: loss), at: place)
    if members.count > Self.capacity { members.removeLast() }
  }

  /// Where walk number `number` of a search starts: in turn from a random support, from the best with a
  /// part replaced, and from what two of the elite have in common, filled up from what one of them has.
  ///
  /// - Parameters:
  ///   - count: the size of the support.
  ///   - usable: the columns that may be selected.
  func start(
    _ number: Int, of count: Int, among usable: [Int], _ generator: inout SeededGenerator
  ) -> [Int] {
    guard let best else { return Self.random(count, of: usable, &generator) }
    func perturbed(_ share: Double) -> [Int] {
      var support = best.support
      let others = max(count - support.count, 0)
      let leaving = min(max(1, Int(share * Double(support.count))), support.count)
      for _ in 0..<leaving { support.remove(at: generator.int(below: support.count)) }
      return Self.filled(support, by: leaving + others, from: usable, &generator)
    }
    switch number % 3 {
    case _ where Self.isIndependent(number):
      return Self.random(count, of: usable, &generator)
    case 0: return perturbed(Self.largeShare)
    case 1 where members.count > 1:
      return merged(of: count, among: usable, &generator)
    default: return perturbed(Self.smallShare)
    }
  }

  /// A support that nothing known led to.
  static func random(
    _ count: Int, of usable: [Int], _ generator: inout SeededGenerator
  ) -> [Int] { generator.sample(count, of: usable.count).map { usable[$0] } }

  /// Whether walk number `number` starts from a random support.
  static func isIndependent(_ number: Int) -> Bool { number % 3 == 2 }

  /// What two members, at random, have in common, filled up from what one of them has: there must be two.
  func merged(
    of count: Int, among usable: [Int], _ generator: inout SeededGenerator
  ) -> [Int] {
    let place = generator.int(below: members.count)
    let other = (place + 1 + generator.int(below: members.count - 1)) % members.count
    let (first, second) = (Set(members[place].support), Set(members[other].support))
    let rest = generator.shuffled(first.symmetricDifference(second).sorted())
    let common = first.intersection(second).sorted()
    let support = common + rest.prefix(max(count - common.count, 0))
    return Self.filled(support, by: count - support.count, from: usable, &generator)
  }

  /// `support` with random other columns, in ascending order.
  static func filled(
    _ support: [Int], by count: Int, from usable: [Int], _ generator: inout SeededGenerator
  ) -> [Int] {
    var chosen = Set(support)
    let size = min(support.count + max(count, 0), usable.count)
    while chosen.count < size { chosen.insert(usable[generator.int(below: usable.count)]) }
    return chosen.sorted()
  }

  // MARK: As a checkpoint keeps it

  func write(to writer: inout StateWriter) {
    writer.write(hits)
    writer.write(members) {
      $0.write($1.support)
      $0.write($1.loss)
    }
  }

  init(from reader: inout StateReader) throws(RecoveryError) {
    hits = try reader.int(in: 0...(1 << 48))
    members = try reader.array { (reader) throws(RecoveryError) in
      Member(
        support: try reader.support(atMost: reader.atomCount), loss: try reader.double())
    }
    try reader.require(members.count <= Self.capacity && members.allSatisfy { $0.loss >= 0 })
  }
}
