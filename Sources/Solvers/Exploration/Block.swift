import LeastSquares
import SparseCore

/// The states that an exploration ran through on one working set.
///
/// One block serves all of an exploration: its memory is used again after ``restart(breadth:)``.
struct Block {
  /// One state: a support, and what it was selected from.
  struct State {
    let support: [Int]
    /// The smallest magnitude |u_j| selected.
    let threshold: Double
    let fit: Fit
  }

  private let rows: Int
  private var breadth = 0
  private(set) var states: [State] = []
  /// Rᵗ less R at the start of the block, for every state and the one after the last: columns.
  private var sums: [Double]
  /// u on the working set, for every state: columns.
  private var exploratory: [Double] = []
  /// u on the working set after the last state.
  private(set) var end: [Double] = []
  /// Whether the search ends with this block, so that the state after it does not matter.
  private(set) var isFinal = false
  /// Whether states were cut off because they could not be proved.
  private(set) var isRolledBack = false

  /// The last state whose u must be known outside the working set: the one after the block, or the
  /// last of the search.
  var lastNeeded: Int { isFinal ? states.count - 1 : states.count }

  /// Reserves memory for `length` states on working sets of `breadth` atoms.
  init(rows: Int, breadth: Int, length: Int) {
    self.rows = rows
    sums = Array(repeating: 0, count: rows)
    states.reserveCapacity(length)
    sums.reserveCapacity((length + 1) * rows)
    exploratory.reserveCapacity(length * breadth)
  }

  /// Empties the block, for a working set of `breadth` atoms.
  mutating func restart(breadth: Int) {
    self.breadth = breadth
    states.removeAll(keepingCapacity: true)
    sums.removeLast(sums.count - rows)
    exploratory.removeAll(keepingCapacity: true)
    isFinal = false
    isRolledBack = false
  }

  /// Appends a state, u on the working set, and A_S c − y.
  mutating func append(
    _ state: State, exploratory u: [Double], residual: ArraySlice<Double>
  ) {
    let last = states.count * rows
    sums.append(contentsOf: residual)
    sums.withUnsafeMutableBufferPointer { sums in
      for i in last..<last + rows { sums[i + rows] += sums[i] }
    }
    exploratory.append(contentsOf: u)
    states.append(state)
  }

  /// Ends the block, with u on the working set after the last state.
  mutating func finish(_ u: [Double], isFinal: Bool) {
    end.removeAll(keepingCapacity: true)
    end.append(contentsOf: u)
    self.isFinal = isFinal
  }

  /// Σ of the residuals before state `t`.
  func sum(_ t: Int) -> ArraySlice<Double> { sums[t * rows..<(t + 1) * rows] }

  /// The inner products of all these sums.
  func sumProducts() -> [Double] {
    innerProducts(sums, rows: rows, count: states.count + 1)
  }

  /// Keeps `count` states only; the state after them is known, because it was explored.
  mutating func truncate(to count: Int, isRolledBack: Bool) {
    guard count < states.count else { return }
    end.removeAll(keepingCapacity: true)
    end.append(contentsOf: exploratory[count * breadth..<(count + 1) * breadth])
    states.removeLast(states.count - count)
    sums.removeLast(sums.count - (count + 1) * rows)
    exploratory.removeLast(exploratory.count - count * breadth)
    self.isRolledBack = isRolledBack
    isFinal = false
  }
}
