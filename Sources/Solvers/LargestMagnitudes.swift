import SparseCore

/// The positions of the k largest magnitudes in ascending order, ties to the first, and the smallest
/// magnitude among them. O(|u|) on average.
func largestMagnitudes(_ k: Int, of u: [Double]) -> (positions: [Int], smallest: Double) {
  let keys = u.map { $0.selectionKey }
  let threshold = kthLargest(k, of: keys)
  var ties = k - keys.count { $0 > threshold }
  var positions: [Int] = []
  positions.reserveCapacity(k)
  var smallest = Double.infinity
  for (position, key) in keys.enumerated() where key >= threshold {
    if key == threshold {
      guard ties > 0 else { continue }
      ties -= 1
    }
    positions.append(position)
    smallest = min(smallest, abs(u[position]))
  }
  return (positions, smallest)
}

/// The k-th largest key, by quickselect with the median of three as pivot.
private func kthLargest(_ k: Int, of keys: [UInt64]) -> UInt64 {
  var keys = keys
  return keys.withUnsafeMutableBufferPointer { keys in
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
}
