import LeastSquares
import SparseCore

/// The states that an exploration ran through on one working set.
///
/// One block serves all of an exploration: its memory is used again after ``restart(breadth:)``.
struct Block {
  /// One state: a support, and what it was selected from.
  struct State {
    let support: [Int]
    /// The smallest score selected.
    let threshold: Double
    let residualNorm: Double
    let method: ProjectionMethod
  }

  /// How many numbers u has on the working set: an atom has one, of several observations one for each, plane after plane.
  private(set) var width = 0
  private(set) var states: [State] = []
  /// Cᵗ = Σ_{s<t} cˢ on the working set, for every state t and the one after the last: columns.
  private var sums: [Double]
  /// u on the working set, for every state and the one after the last: columns.
  private var exploratory: [Double]
  /// Whether the search ends with this block, so that the state after it does not matter.
  private(set) var isFinal = false
  /// Whether states were cut off because they could not be proved.
  private(set) var isRolledBack = false

  /// The last state whose u must be known outside the working set: the one after the block, or the
  /// last of the search.
  var lastNeeded: Int { isFinal ? states.count - 1 : states.count }

  /// How many observations share the support.
  private let planes: Int

  /// Reserves memory for `length` states on working sets of `breadth` atoms.
  init(breadth: Int, length: Int, planes: Int = 1) {
    self.planes = planes
    sums = []
    exploratory = []
    states.reserveCapacity(length)
    sums.reserveCapacity((length + 1) * breadth * planes)
    exploratory.reserveCapacity((length + 1) * breadth * planes)
  }

  /// Empties the block, to begin with `u` on a working set.
  mutating func restart(from u: [Double]) {
    width = u.count
    states.removeAll(keepingCapacity: true)
    sums.removeAll(keepingCapacity: true)
    for _ in 0..<width { sums.append(0) }
    exploratory.removeAll(keepingCapacity: true)
    exploratory.append(contentsOf: u)
    isFinal = false
    isRolledBack = false
  }

  /// Appends a state with its coefficients c at `positions` of the working set, and u after it.
  mutating func append(
    _ state: State, _ c: ArraySlice<Double>, at positions: [Int], next u: [Double]
  ) {
    let last = states.count * width
    // One by one: a slice of the array would make its memory shared, and copied.
    for p in last..<last + width { sums.append(sums[p]) }
    for l in 0..<planes {
      let (first, place) = (last + width + l * (width / planes), c.startIndex + l * positions.count)
      for (i, p) in positions.enumerated() { sums[first + p] += c[place + i] }
    }
    exploratory.append(contentsOf: u)
    states.append(state)
  }

  /// Ends the search with the state appended last.
  mutating func finish() { isFinal = true }

  /// Cᵗ on the working set, for t states before it.
  func sum(_ t: Int) -> ArraySlice<Double> { sums[t * width..<(t + 1) * width] }

  /// uᵗ on the working set.
  func exploratory(_ t: Int) -> ArraySlice<Double> {
    exploratory[t * width..<(t + 1) * width]
  }

  /// Keeps `count` states only; the state after them is known, because it was explored.
  mutating func truncate(to count: Int, isRolledBack: Bool) {
    guard count < states.count else { return }
    states.removeLast(states.count - count)
    sums.removeLast(sums.count - (count + 1) * width)
    exploratory.removeLast(exploratory.count - (count + 1) * width)
    self.isRolledBack = isRolledBack
    isFinal = false
  }
}
