import SparseCore

/// What becomes of a block of correlations while it is in the cache.
struct Epilogue<Scalar: BLASScalar>: @unchecked Sendable {
  /// n numbers to add, or none. Valid for as long as the product runs.
  let offset: UnsafeMutablePointer<Scalar>?
  /// Where zeros are put afterwards, in ascending order.
  let zeros: [Int]

  /// Finishes the entries of z in a block: answers the bits of the largest magnitude, in which NaN
  /// ranks above infinity.
  func finish(_ z: UnsafeMutablePointer<Scalar>, _ block: Range<Int>) -> Scalar.Bits {
    if let offset {
      for j in block { z[j] += offset[j] }
    }
    var place = firstZero(from: block.lowerBound)
    while place < zeros.count, zeros[place] < block.upperBound {
      z[zeros[place]] = 0
      place += 1
    }
    return block.reduce(0) { max($0, z[$1].magnitudeBits) }
  }

  /// The place of the first zero at `index` or behind it, by bisection.
  private func firstZero(from index: Int) -> Int {
    var (low, high) = (0, zeros.count)
    while low < high {
      let middle = (low + high) / 2
      if zeros[middle] < index { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
