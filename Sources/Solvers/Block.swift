import LeastSquares
import SparseCore

/// The states that an exploration ran through on one working set.
struct Block {
  /// One state: a support, and what it was selected from.
  struct State {
    let support: [Int]
    /// The smallest magnitude |u_j| selected.
    let threshold: Double
    /// u on the working set.
    let exploratory: [Double]
    let projection: Projection
  }

  private let rows: Int
  private(set) var states: [State] = []
  /// Rᵗ less R at the start of the block, for every state and the one after the last: columns.
  private var sums: [Double]
  /// u on the working set after the last state.
  var end: [Double] = []
  /// Whether the search ends with this block, so that the state after it does not matter.
  var isFinal = false
  /// Whether states were cut off because they could not be proved.
  private(set) var isRolledBack = false

  /// The last state whose u must be known outside the working set: the one after the block, or the
  /// last of the search.
  var lastNeeded: Int { isFinal ? states.count - 1 : states.count }

  init(rows: Int) {
    self.rows = rows
    sums = Array(repeating: 0, count: rows)
  }

  mutating func append(_ state: State) {
    let last = states.count * rows
    sums.append(contentsOf: state.projection.residual)
    for i in 0..<rows { sums[last + rows + i] += sums[last + i] }
    states.append(state)
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
    end = states[count].exploratory
    states.removeLast(states.count - count)
    sums.removeLast(sums.count - (count + 1) * rows)
    self.isRolledBack = isRolledBack
    isFinal = false
  }
}
