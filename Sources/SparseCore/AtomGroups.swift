/// The groups of columns that are selected as a whole, as solvers see them: without the columns that may not be selected.
///
/// Groups are numbered from zero in the order of their first atoms; one of which no column may be selected has no number.
package struct AtomGroups: Sendable, Equatable {
  /// The atoms of every group, in ascending order.
  package let members: [[Int]]
  /// The number of the group of every column; −1 for one that may not be selected.
  private let numbers: [Int]
  /// The sizes of the groups, the largest first.
  private let sizes: [Int]

  /// - Parameters:
  ///   - labels: the group of every column, in any numbers.
  ///   - isUsable: whether a column may be selected.
  init(labels: [Int], isUsable: (Int) -> Bool) {
    var known: [Int: Int] = [:]
    var members: [[Int]] = []
    var numbers = labels.map { _ in -1 }
    for (j, label) in labels.enumerated() where isUsable(j) {
      let number = known[label] ?? members.count
      if number == members.count { members.append([]) }
      known[label] = number
      members[number].append(j)
      numbers[j] = number
    }
    self.members = members
    self.numbers = numbers
    sizes = members.map(\.count).sorted(by: >)
  }

  /// How many groups there are.
  package var count: Int { members.count }

  /// The number of the group of an atom.
  package func number(of atom: Int) -> Int { numbers[atom] }

  /// The most atoms that so many groups have.
  package func mostAtoms(of groups: Int) -> Int { sizes.prefix(max(groups, 0)).reduce(0, +) }

  /// The groups of some atoms, in ascending order.
  package func groups(of support: [Int]) -> [Int] { Set(support.map { numbers[$0] }).sorted() }

  /// The atoms of some groups, in ascending order.
  package func atoms(of groups: [Int]) -> [Int] { groups.flatMap { members[$0] }.sorted() }

  /// Whether a support of atoms has all atoms of each of its groups.
  package func areWhole(_ support: [Int]) -> Bool {
    groups(of: support).reduce(0) { $0 + members[$1].count } == support.count
  }
}
