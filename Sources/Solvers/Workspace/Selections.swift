import SparseCore

/// Finds the k largest magnitudes of vectors that change little from one to the next.
struct LargestMagnitudes {
  /// Their positions, in ascending order; of magnitudes that tie, the first.
  private(set) var positions: [Int] = []
  /// The smallest magnitude among them.
  private(set) var smallest = 0.0

  private let count: Int
  /// What may be among them: positions in ascending order, and their keys.
  private var candidates: [Int] = []
  private var keys: [UInt64] = []
  /// The keys again, for a selection to disorder.
  private var scratch: [UInt64] = []
  /// A key that more than `count` are expected to reach: a bit below the threshold before.
  private var guess: UInt64 = 0

  /// Prepares for the `count` largest.
  init(_ count: Int) { self.count = count }

  /// Finds them in `u`, which has at least as many numbers: O(|u|) on average. Allocates only when
  /// `u` is longer than those before.
  mutating func select(from u: [Double]) {
    if keys.count < u.count {
      candidates = Array(repeating: 0, count: u.count)
      keys = Array(repeating: 0, count: u.count)
      scratch = keys
      positions.reserveCapacity(u.count)
    }
    var found = compress(u, from: guess)
    if found < count { found = compress(u, from: 0) }
    for c in 0..<found { scratch[c] = keys[c] }
    let threshold = scratch.withUnsafeMutableBufferPointer {
      kthLargest(count, of: UnsafeMutableBufferPointer(rebasing: $0[..<found]))
    }
    guess =
      (Double(bitPattern: threshold << UInt64(Double.precision.ignoredBits)) * 0.96875)
      .selectionKey
    gather(u, threshold, candidates: found)
  }

  /// Lists the keys from `least` on, without a branch that nobody can predict.
  private mutating func compress(_ u: [Double], from least: UInt64) -> Int {
    var found = 0
    for p in u.indices {
      let key = u[p].selectionKey
      candidates[found] = p
      keys[found] = key
      found += key >= least ? 1 : 0
    }
    return found
  }

  private mutating func gather(_ u: [Double], _ threshold: UInt64, candidates found: Int) {
    positions.removeAll(keepingCapacity: true)
    smallest = .infinity
    var above = 0
    for c in 0..<found { above += keys[c] > threshold ? 1 : 0 }
    var ties = count - above
    for c in 0..<found where keys[c] >= threshold {
      if keys[c] == threshold {
        guard ties > 0 else { continue }
        ties -= 1
      }
      positions.append(candidates[c])
      smallest = min(smallest, abs(u[candidates[c]]))
    }
  }
}

/// The positions of the k largest magnitudes in ascending order, ties to the first.
func largestMagnitudes(_ k: Int, of u: [Double]) -> [Int] {
  var selection = LargestMagnitudes(k)
  selection.select(from: u)
  return selection.positions
}

/// The support that scores name: the columns of the `count` largest magnitudes, or of the largest
/// numbers above zero where coefficients must not be negative. Zeros are never among them.
///
/// O(n).
///
/// - Parameter columns: the column of every score, in ascending order.
func leadingSupport(
  _ count: Int, of scores: [Double], columns: [Int], isNonnegative: Bool
) -> [Int] {
  let entries = isNonnegative ? scores.map { max($0, 0) } : scores
  let places =
    entries.count > count ? largestMagnitudes(count, of: entries) : Array(entries.indices)
  return places.filter { entries[$0] != 0 }.map { columns[$0] }
}

/// The k-th largest key, by quickselect with the median of three as pivot.
private func kthLargest(_ k: Int, of keys: UnsafeMutableBufferPointer<UInt64>) -> UInt64 {
  var (low, high) = (0, keys.count - 1)
  while low < high {
    let (a, b, c) = (keys[low], keys[(low + high) / 2], keys[high])
    let pivot = max(min(a, b), min(max(a, b), c))
    var (i, j) = (low, high)
    while i <= j {
      while keys[i] > pivot { i += 1 }
      while keys[j] < pivot { j -= 1 }
      if i <= j {
        keys.swapAt(i, j)
        i += 1
        j -= 1
      }
    }
    if k - 1 <= j { high = j } else if k - 1 >= i { low = i } else { break }
  }
  return keys[k - 1]
}

/// Supports are ascending lists of distinct columns.
extension [Int] {
  /// S ∪ {j}, for j ∉ S.
  func inserting(_ atom: Int) -> [Int] {
    var support = self
    support.insert(atom, at: firstIndex { $0 > atom } ?? endIndex)
    return support
  }

  /// S ∪ T, for disjoint S and T.
  func union(_ others: [Int]) -> [Int] { (self + others).sorted() }

  /// S with j ∉ S in place of the atom at `place`.
  func exchanging(_ place: Int, for atom: Int) -> [Int] {
    var support = self
    support[place] = atom
    return support.sorted()
  }

  /// S without {j}.
  func removing(_ atom: Int) -> [Int] { filter { $0 != atom } }
}
