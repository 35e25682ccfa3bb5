import SparseCore

/// An engine in host memory that reads A once for a group of residuals, in blocks of columns whose correlations are finished
/// while they are in the cache. How a block is multiplied is for subclasses to say.
class GroupEngine<Scalar: BLASScalar>: HostVectors<Scalar> {
  /// How many residuals are a group.
  var residualsInPass: Int { preconditionFailure("for subclasses") }

  /// The correlations of one group, and the largest magnitude of each.
  func correlateGroup(
    _ residuals: [Vector], into correlations: [Vector], _ epilogue: Epilogue<Scalar>
  ) -> [Double] {
    preconditionFailure("for subclasses")
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func correlate(_ residuals: [EngineVector], into correlations: [EngineVector]) {
    _ = correlate(
      residuals.map { $0.own() }, into: correlations.map { $0.own() },
      Epilogue(offset: nil, zeros: []))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    let correlations = correlations.map { $0.own(Vector.self) }
    let offset = offset?.own(Vector.self)
    precondition(offset?.count ?? columns == columns, "an offset of n entries")
    let epilogue = Epilogue<Scalar>(offset: offset?.entries, zeros: indices)
    let peaks = correlate(residuals.map { $0.own() }, into: correlations, epilogue)
    for (z, peak) in zip(correlations, peaks) where peak.isNaN {
      let entries = UnsafeBufferPointer(start: z.entries, count: z.count)
      throw .nonFiniteCorrelation(
        engine: identity.name, column: entries.firstIndex(where: \.isNaN) ?? 0)
    }
    return peaks
  }

  /// The correlations of all residuals, and the largest magnitude of each.
  private func correlate(
    _ residuals: [Vector], into correlations: [Vector], _ epilogue: Epilogue<Scalar>
  ) -> [Double] {
    precondition(residuals.count == correlations.count, "one result a residual")
    let size = residualsInPass
    return stride(from: 0, to: residuals.count, by: size).flatMap { first in
      let group = first..<min(first + size, residuals.count)
      return correlateGroup(Array(residuals[group]), into: Array(correlations[group]), epilogue)
    }
  }

  /// The largest magnitude of each of `count` correlations, from the bits of those of all blocks, block after block.
  func largest(of blockPeaks: [Scalar.Bits], _ count: Int) -> [Double] {
    (0..<count).map { p in
      let largest = stride(from: p, to: blockPeaks.count, by: count).reduce(0) {
        max($0, blockPeaks[$1])
      }
      return Double(Scalar(magnitudeBits: largest))
    }
  }
}

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
